import { z } from 'zod';
import { type CallsQuery, type TenantCallsResponse, tenantCallsResponse } from '../../shared/api/receipts.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const receiptAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('found'), tenant_id: z.uuid().nullable(), receipt: z.unknown() }),
  z.object({ status: z.enum(['call_in_progress', 'unknown_call']) }),
]);

/**
 * The receipt of a call, untouched: whoever checks its hash needs every field as it was written. A call on a tenant's time is for
 * who talked, as long as they belong to it, and for who does its billing.
 * @param tenantId of calls of this tenant only; without it, of any
 * @throws Fault `not_found` for an unknown call and for somebody else's alike, `call_in_progress`,
 *   `database_unavailable`
 */
export async function readReceipt(
  { database }: Dependencies,
  { userId, callId, tenantId }: { userId: string; callId: string; tenantId?: string },
): Promise<unknown> {
  const args = { p_user_id: userId, p_call_id: callId };
  const answer = await callFunction(database, 'read_receipt', args, receiptAnswer);
  if (answer.status === 'call_in_progress') throw new Fault('call_in_progress');
  if (answer.status !== 'found' || (tenantId !== undefined && answer.tenant_id !== tenantId))
    throw new Fault('not_found', 'You have no call with this id.');
  return answer.receipt;
}

const listAnswer = z.discriminatedUnion('status', [
  tenantCallsResponse.extend({ status: z.literal('found') }),
  z.object({ status: z.enum(['unknown_tenant', 'unknown_call']) }),
]);

/**
 * A person's calls, newest first, or those of a tenant: their own, and for its owners and who does its billing, all. Pages go by the
 * last call seen, so that a call which begins meanwhile neither repeats nor hides another.
 * @throws Fault `invalid_request` when `before` is no call that they see, `not_found` (the tenant), `database_unavailable`
 */
export async function listCalls(
  { database }: Dependencies,
  { userId, tenantId, limit, before }: CallsQuery & { userId: string; tenantId?: string },
): Promise<TenantCallsResponse> {
  const args = {
    p_user_id: userId,
    p_limit: limit,
    ...(tenantId !== undefined && { p_tenant_id: tenantId }),
    ...(before !== undefined && { p_before: before }),
  };
  const answer = await callFunction(database, 'list_calls', args, listAnswer);
  if (answer.status === 'found') return { calls: answer.calls, next: answer.next };
  if (answer.status === 'unknown_call')
    throw new Fault('invalid_request', 'before: is not the id of one of your calls');
  throw new Fault('not_found', 'You belong to no tenant with this id.');
}
