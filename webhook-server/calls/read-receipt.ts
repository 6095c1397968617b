import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

/**
 * The receipt of a person's own call, untouched: whoever checks its hash needs every field as it was written.
 * @throws Fault `not_found` for an unknown call and for somebody else's alike, `call_in_progress`,
 *   `database_unavailable`
 */
export async function readReceipt(deps: Dependencies, userId: string, callId: string): Promise<unknown> {
  const calls = deps.database.from('calls').select('status, receipt').eq('user_id', userId);
  const { data, error } = await calls.eq('id', callId).maybeSingle();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  if (data === null) throw new Fault('not_found', 'You have no call with this id.');
  if (data.receipt === null) throw new Fault('call_in_progress');
  return data.receipt;
}
