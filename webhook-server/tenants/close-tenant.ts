import { z } from 'zod';
import { closeTenantResponse } from '../../shared/api/tenants.ts';
import { Fault } from '../../shared/errors.ts';
import { shortDuration } from '../../shared/units.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { closeRooms } from '../calls/close-rooms.ts';
import { askTenants } from './ask-tenants.ts';

const answerSchema = z.discriminatedUnion('status', [
  closeTenantResponse,
  z.object({ status: z.literal('call_in_progress'), call_ids: z.array(z.uuid()) }),
  z.object({ status: z.literal('forfeit_not_agreed'), remaining_seconds: z.int() }),
]);

type Closing = { userId: string; tenantId: string; forfeitSeconds: number };

/**
 * Closes a tenant, or ends its calls first and says so: then whoever asks again has it closed.
 * @throws Fault `call_in_progress`, `forfeit_not_agreed`, or as `askTenants`
 */
export async function closeTenant(deps: Dependencies, { userId, tenantId, forfeitSeconds }: Closing) {
  const args = { p_user_id: userId, p_tenant_id: tenantId, p_forfeit_seconds: forfeitSeconds };
  const answer = await askTenants(deps, 'close_tenant', args, answerSchema);
  if (answer.status === 'closed') return answer;
  if (answer.status === 'call_in_progress') {
    await closeRooms(deps, answer.call_ids);
    throw new Fault('call_in_progress', 'Its calls are being ended. Try again in a minute.');
  }
  throw new Fault(
    'forfeit_not_agreed',
    `${shortDuration(answer.remaining_seconds)} are left and would be given up. Send forfeit_seconds: ${answer.remaining_seconds} to agree.`,
  );
}

const removed = z.object({ status: z.literal('removed') });

/**
 * Takes a member out of a tenant. Calls of theirs on its time end with it.
 * @throws Fault as `askTenants`
 */
export async function removeMember(
  deps: Dependencies,
  { userId, tenantId, memberId }: { userId: string; tenantId: string; memberId: string },
): Promise<{ status: 'removed' }> {
  const args = { p_user_id: userId, p_tenant_id: tenantId, p_member_id: memberId };
  return askTenants(deps, 'remove_member', args, removed);
}
