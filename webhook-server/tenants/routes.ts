import { z } from 'zod';
import {
  changeRoleRequest,
  changeRoleResponse,
  closeTenantRequest,
  closeTenantResponse,
  createTenantRequest,
  invitationResponse,
  invitationSchema,
  invitationsResponse,
  inviteRequest,
  joinRequest,
  memberSchema,
  membersResponse,
  removeMemberResponse,
  tenantResponse,
  tenantSchema,
  tenantsResponse,
  updateTenantRequest,
} from '../../shared/api/tenants.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { askTenants, readForMembers } from './ask-tenants.ts';
import { closeTenant, removeMember } from './close-tenant.ts';
import { acceptInvitation, inviteMember } from './invitations.ts';

const all = { tag: 'tenants', access: 'person', path: '/tenants' } as const;
const one = {
  tag: 'tenants',
  access: 'person',
  path: '/tenants/:tenant_id',
  params: z.object({ tenant_id: z.uuid() }),
} as const;
const members = { ...one, path: '/tenants/:tenant_id/members' } as const;
const member = {
  ...one,
  path: '/tenants/:tenant_id/members/:member_id',
  params: z.object({ tenant_id: z.uuid(), member_id: z.uuid() }),
} as const;
const invitations = { ...one, path: '/tenants/:tenant_id/invitations' } as const;

const createdTenant = z.object({ status: z.literal('created'), tenant: tenantSchema });
const updatedTenant = z.object({ status: z.literal('updated'), tenant: tenantSchema });
const revokedInvitation = z.object({ status: z.literal('revoked'), invitation: invitationSchema });

const tenantsThemselves = [
  route({
    ...all,
    operationId: 'createTenant',
    method: 'post',
    summary: 'Create a tenant, whose owner you are',
    description: 'An organisation that pays for what its members do. The same key creates one.',
    idempotency: { names: 'Names the tenant to be created.', maxLength: BUYERS_KEY_LENGTH },
    body: createTenantRequest,
    status: 201,
    answer: tenantResponse,
    faults: ['idempotency_key_reused'],
    async handle({ deps, userId, body, idempotencyKey }) {
      const args = { p_user_id: userId, p_name: body.name, p_key: idempotencyKey };
      const { tenant } = await askTenants(deps, 'create_tenant', args, createdTenant);
      return { tenant };
    },
  }),
  route({
    ...all,
    operationId: 'listTenants',
    method: 'get',
    summary: 'The tenants that you belong to',
    answer: tenantsResponse,
    async handle({ deps, userId }) {
      const { tenants } = tenantsResponse.shape;
      return { tenants: await callFunction(deps.database, 'list_tenants', { p_user_id: userId }, tenants) };
    },
  }),
  route({
    ...one,
    operationId: 'readTenant',
    method: 'get',
    summary: 'A tenant that you belong to',
    answer: tenantResponse,
    faults: ['not_found'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_tenant_id: params.tenant_id };
      return { tenant: await readForMembers(deps, 'read_tenant', args, tenantSchema) };
    },
  }),
  route({
    ...one,
    operationId: 'updateTenant',
    method: 'patch',
    summary: 'Rename a tenant (owners), or say where its invoices go (owners and billing)',
    body: updateTenantRequest,
    answer: tenantResponse,
    faults: ['not_found', 'role_missing'],
    async handle({ deps, userId, params, body }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: params.tenant_id,
        ...(body.name !== undefined && { p_name: body.name }),
        ...(body.billing_email !== undefined && { p_billing_email: body.billing_email }),
      };
      const { tenant } = await askTenants(deps, 'update_tenant', args, updatedTenant);
      return { tenant };
    },
  }),
  route({
    ...one,
    path: '/tenants/:tenant_id/close',
    operationId: 'closeTenant',
    method: 'post',
    summary: 'Close a tenant (owners)',
    description: 'Time that is left is given up. Its books stay; nothing new begins in it.',
    body: closeTenantRequest,
    answer: closeTenantResponse,
    faults: ['not_found', 'role_missing', 'subscription_open', 'call_in_progress', 'forfeit_not_agreed'],
    handle: ({ deps, userId, params, body }) =>
      closeTenant(deps, { userId, tenantId: params.tenant_id, forfeitSeconds: body.forfeit_seconds }),
  }),
];

const membersOfTenants = [
  route({
    ...members,
    operationId: 'listMembers',
    method: 'get',
    summary: 'Who belongs to a tenant',
    answer: membersResponse,
    faults: ['not_found'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_tenant_id: params.tenant_id };
      return { members: await readForMembers(deps, 'list_tenant_members', args, z.array(memberSchema)) };
    },
  }),
  route({
    ...member,
    operationId: 'changeMemberRole',
    method: 'put',
    summary: 'Change the role of a member (owners)',
    body: changeRoleRequest,
    answer: changeRoleResponse,
    faults: ['not_found', 'role_missing', 'last_owner'],
    handle({ deps, userId, params, body }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: params.tenant_id,
        p_member_id: params.member_id,
        p_role: body.role,
      };
      return askTenants(deps, 'change_member_role', args, changeRoleResponse);
    },
  }),
  route({
    ...member,
    operationId: 'removeMember',
    method: 'delete',
    summary: 'Remove a member (owners), or leave',
    description: 'Calls of theirs that use the time of the tenant are ended.',
    answer: removeMemberResponse,
    faults: ['not_found', 'role_missing', 'last_owner'],
    handle: ({ deps, userId, params }) =>
      removeMember(deps, { userId, tenantId: params.tenant_id, memberId: params.member_id }),
  }),
];

const invitationsToTenants = [
  route({
    ...invitations,
    operationId: 'listInvitations',
    method: 'get',
    summary: 'Whom a tenant invited (owners)',
    answer: invitationsResponse,
    faults: ['not_found'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_tenant_id: params.tenant_id };
      const list = z.array(invitationSchema);
      return { invitations: await readForMembers(deps, 'list_invitations', args, list) };
    },
  }),
  route({
    ...invitations,
    operationId: 'inviteMember',
    method: 'post',
    summary: 'Invite somebody by e-mail (owners)',
    description:
      'A link that lets this address in, once, within a week. An invitation that waits is answered again, without a second mail.',
    body: inviteRequest,
    status: 201,
    answer: invitationResponse,
    faults: ['not_found', 'role_missing', 'already_member'],
    handle: ({ deps, userId, params, body }) =>
      inviteMember(deps, { ...body, userId, tenantId: params.tenant_id }),
  }),
  route({
    ...one,
    path: '/tenants/:tenant_id/invitations/:invitation_id',
    params: z.object({ tenant_id: z.uuid(), invitation_id: z.uuid() }),
    operationId: 'revokeInvitation',
    method: 'delete',
    summary: 'Take an invitation back (owners)',
    answer: invitationResponse,
    faults: ['not_found', 'role_missing'],
    async handle({ deps, userId, params }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: params.tenant_id,
        p_invitation_id: params.invitation_id,
      };
      const { invitation } = await askTenants(deps, 'revoke_invitation', args, revokedInvitation);
      return { invitation };
    },
  }),
  route({
    ...all,
    path: '/tenants/join',
    operationId: 'acceptInvitation',
    method: 'post',
    summary: 'Join a tenant by the link of an invitation',
    description:
      'By whom it was sent to: the e-mail address of the account has to be that of the invitation.',
    body: joinRequest,
    answer: tenantResponse,
    faults: ['not_found', 'other_address', 'invitation_over'],
    handle: ({ deps, userId, body }) => acceptInvitation(deps, userId, body.token),
  }),
];

/** Organisations that pay, and who belongs to them. */
export const tenantRoutes = [...tenantsThemselves, ...membersOfTenants, ...invitationsToTenants];
