import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { apiSchemas } from './schemas.ts';

const timestamp = z.string().describe('RFC 3339');
const tenantRole = z
  .enum(['owner', 'billing', 'member'])
  .describe(
    'A member talks on its time; billing also buys, and sees what all did; an owner also says who belongs',
  );

/**
 * A name goes into mails to people who do not know its tenant: it is one line, and nothing that a reader would make a link of.
 */
const tenantName = plainText(200)
  .refine((name) => !/[\n\t]|:\/\/|www\.|\.\p{L}{2,}\//iu.test(name), {
    error: 'must be one line without a link',
  })
  .describe('one line, without a link');
const emailAddress = z.email().max(320);

export const tenantSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: tenantRole,
    plan_id: z.string().nullable(),
    created_at: timestamp,
    closed_at: timestamp.nullable(),
    balance_seconds: z.int(),
    held_seconds: z.int().describe('what live calls were promised'),
    live_calls: z.int(),
    members: z.int(),
    billing_email: z.string().nullable().describe('for owners and billing'),
    debt_seconds: z.int().nullable().describe('for owners and billing'),
  })
  .register(apiSchemas, { id: 'Tenant' });

export const tenantResponse = z
  .object({ tenant: tenantSchema })
  .register(apiSchemas, { id: 'TenantResponse' });
export const tenantsResponse = z
  .object({ tenants: z.array(tenantSchema) })
  .register(apiSchemas, { id: 'TenantsResponse' });

/** Body of `POST /tenants`. */
export const createTenantRequest = z
  .strictObject({ name: tenantName })
  .register(apiSchemas, { id: 'CreateTenantRequest' });

/** Body of `PATCH /tenants/:tenant_id`. */
export const updateTenantRequest = z
  .strictObject({ name: tenantName.optional(), billing_email: emailAddress.optional() })
  .register(apiSchemas, { id: 'UpdateTenantRequest' });

/** Body of `POST /tenants/:tenant_id/close`. */
export const closeTenantRequest = z
  .strictObject({
    forfeit_seconds: z.int().min(0).max(2_147_483_647).describe('so much time the tenant gives up'),
  })
  .register(apiSchemas, { id: 'CloseTenantRequest' });
export const closeTenantResponse = z
  .object({ status: z.literal('closed'), forfeited_seconds: z.int() })
  .register(apiSchemas, { id: 'CloseTenantResponse' });

export const memberSchema = z
  .object({
    user_id: z.uuid(),
    display_name: z.string(),
    role: tenantRole,
    email: z.string().nullable().describe('for owners and billing; one’s own'),
    joined_at: timestamp,
  })
  .register(apiSchemas, { id: 'TenantMember' });
export const membersResponse = z
  .object({ members: z.array(memberSchema) })
  .register(apiSchemas, { id: 'TenantMembersResponse' });

/** Body of `PUT /tenants/:tenant_id/members/:member_id`. */
export const changeRoleRequest = z
  .strictObject({ role: tenantRole })
  .register(apiSchemas, { id: 'ChangeRoleRequest' });
export const changeRoleResponse = z
  .object({ status: z.literal('changed'), role: tenantRole })
  .register(apiSchemas, { id: 'ChangeRoleResponse' });
export const removeMemberResponse = z
  .object({ status: z.literal('removed') })
  .register(apiSchemas, { id: 'RemoveMemberResponse' });

export const invitationSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role: tenantRole,
    status: z.enum(['waiting', 'accepted', 'revoked', 'expired']),
    created_at: timestamp,
    expires_at: timestamp,
  })
  .register(apiSchemas, { id: 'TenantInvitation' });
export const invitationsResponse = z
  .object({ invitations: z.array(invitationSchema) })
  .register(apiSchemas, { id: 'TenantInvitationsResponse' });
export const invitationResponse = z
  .object({ invitation: invitationSchema })
  .register(apiSchemas, { id: 'TenantInvitationResponse' });

/** Body of `POST /tenants/:tenant_id/invitations`. */
export const inviteRequest = z
  .strictObject({ email: emailAddress, role: tenantRole })
  .register(apiSchemas, { id: 'InviteRequest' });

/** Body of `POST /tenants/join`. */
export const joinRequest = z
  .strictObject({ token: z.string().min(1).max(200).describe('of the link in the mail') })
  .register(apiSchemas, { id: 'JoinRequest' });

export type Role = z.infer<typeof tenantRole>;
export type Tenant = z.infer<typeof tenantSchema>;
export type Member = z.infer<typeof memberSchema>;
export type Invitation = z.infer<typeof invitationSchema>;
