import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { deriveInvitationToken, hashInvitationToken } from '../../shared/activation-codes/keyed-hash.ts';
import { invitationSchema, type inviteRequest, tenantSchema } from '../../shared/api/tenants.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askTenants } from './ask-tenants.ts';

const invited = z.object({
  status: z.literal('invited'),
  replayed: z.boolean(),
  invitation: invitationSchema,
});
const accepted = z.object({ status: z.literal('accepted'), tenant: tenantSchema });

type Invitation = z.output<typeof inviteRequest> & { userId: string; tenantId: string };

/**
 * Invites an address; the mail is owed by the database. The token of its link is derived from the id when the mail is written,
 * and stored nowhere.
 * @throws Fault as `askTenants`
 */
export async function inviteMember(deps: Dependencies, { userId, tenantId, email, role }: Invitation) {
  const id = randomUUID();
  const key = deps.config.ACTIVATION_CODE_KEY;
  const args = {
    p_user_id: userId,
    p_tenant_id: tenantId,
    p_invitation_id: id,
    p_email: email,
    p_role: role,
    p_token_hash: hashInvitationToken(key, deriveInvitationToken(key, id)),
  };
  const { invitation } = await askTenants(deps, 'invite_member', args, invited);
  return { invitation };
}

/**
 * A person joins by the token that was sent to their address.
 * @throws Fault `not_found`, `other_address`, `invitation_over`, `database_unavailable`
 */
export async function acceptInvitation(deps: Dependencies, userId: string, token: string) {
  const args = {
    p_user_id: userId,
    p_token_hash: hashInvitationToken(deps.config.ACTIVATION_CODE_KEY, token),
  };
  const { tenant } = await askTenants(deps, 'accept_invitation', args, accepted);
  return { tenant };
}
