import {
  type CallSummary,
  type CallsQuery,
  type CallsResponse,
  callSummary,
} from '../../shared/api/receipts.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** Whether somebody belongs to a tenant: who has left reads nothing of what its time was used for. */
async function belongsTo({ database }: Dependencies, userId: string, tenantId: string): Promise<boolean> {
  const members = database.from('tenant_members').select('user_id').eq('tenant_id', tenantId);
  const { data, error } = await members.eq('user_id', userId).maybeSingle();
  if (error) throw databaseFault('tenant_members', error);
  return data !== null;
}

/**
 * The receipt of a person's own call, untouched: whoever checks its hash needs every field as it was written.
 * @throws Fault `not_found` for an unknown call and for somebody else's alike, `call_in_progress`,
 *   `database_unavailable`
 */
export async function readReceipt(deps: Dependencies, userId: string, callId: string): Promise<unknown> {
  const calls = deps.database.from('calls').select('status, receipt, tenant_id').eq('user_id', userId);
  const { data, error } = await calls.eq('id', callId).maybeSingle();
  if (error) throw databaseFault('calls', error);
  const isReadable =
    data !== null && (data.tenant_id === null || (await belongsTo(deps, userId, data.tenant_id)));
  if (!isReadable) throw new Fault('not_found', 'You have no call with this id.');
  if (data.receipt === null) throw new Fault('call_in_progress');
  return data.receipt;
}

const COLUMNS =
  'id, opened_at, ended_at, status, end_reason, charged_seconds, receipt_number:receipt->number, turns, latency_p50_ms, quality';

type Row = { id: string; opened_at: string; ended_at: string | null };

function toSummary({ id, opened_at, ended_at, ...rest }: Row): CallSummary {
  return callSummary.parse({
    ...rest,
    call_id: id,
    opened_at: new Date(opened_at).toISOString(),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
  });
}

async function openedAt({ database }: Dependencies, userId: string, callId: string): Promise<string> {
  const calls = database.from('voice_sessions').select('opened_at').eq('user_id', userId);
  const { data, error } = await calls.eq('id', callId).maybeSingle();
  if (error) throw databaseFault('voice_sessions', error);
  if (data === null) throw new Fault('invalid_request', 'before: is not the id of one of your calls');
  return data.opened_at;
}

/**
 * A person's calls on their own time, newest first. Pages go by the last call seen, so that a call which begins meanwhile neither
 * repeats nor hides another.
 * @throws Fault `invalid_request` when `before` is no call of this person, `database_unavailable`
 */
export async function listCalls(
  deps: Dependencies,
  userId: string,
  { limit, before }: CallsQuery,
): Promise<CallsResponse> {
  let calls = deps.database
    .from('voice_sessions')
    .select(COLUMNS)
    .eq('user_id', userId)
    .is('tenant_id', null);
  if (before !== undefined) {
    const at = await openedAt(deps, userId, before);
    calls = calls.or(`opened_at.lt."${at}",and(opened_at.eq."${at}",id.lt.${before})`);
  }
  const { data, error } = await calls
    .order('opened_at', { ascending: false })
    .order('id', { ascending: false })
    .limit(limit + 1);
  if (error) throw databaseFault('voice_sessions', error);
  const page = data.slice(0, limit).map(toSummary);
  return { calls: page, next: data.length > limit ? (page.at(-1)?.call_id ?? null) : null };
}
