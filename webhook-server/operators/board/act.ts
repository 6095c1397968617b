import { z } from 'zod';
import { callFunction } from '../../../shared/database/call-function.ts';
import { databaseFault } from '../../../shared/database/database-fault.ts';
import { Fault, type FaultCode } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';
import { closeRooms } from '../../calls/close-rooms.ts';

/** Who acts about what, and why. */
type Act = { operatorId: string; reason: string };

const REFUSALS = {
  invalid_act: ['invalid_request', 'Say why, in 1 to 500 characters.'],
  not_an_operator: ['forbidden', 'Only operators may do this.'],
  own_affair: ['forbidden', 'Ask another operator to decide about your own affairs.'],
  unknown_user: ['not_found', 'There is no such person.'],
} as const satisfies Record<string, readonly [FaultCode, string]>;

const refuse = (status: keyof typeof REFUSALS) => new Fault(REFUSALS[status][0], REFUSALS[status][1]);
const refusal = z.enum(['invalid_act', 'not_an_operator', 'own_affair', 'unknown_user']);
const notedSchema = z.object({ status: refusal.or(z.literal('noted')) });
const erasedSchema = z.object({ status: refusal.or(z.literal('erased')) });
const frozenSchema = z.object({ status: refusal.or(z.enum(['frozen', 'free'])) });

/** Notes an act before it is done: one that is not noted is not done. */
async function noteAct(
  { database }: Dependencies,
  act: Act & { act: string; subject: string; aboutUserId: string },
): Promise<void> {
  const { status } = await callFunction(
    database,
    'note_operator_act',
    {
      p_operator_id: act.operatorId,
      p_act: act.act,
      p_subject: act.subject,
      p_about_user_id: act.aboutUserId,
      p_reason: act.reason,
    },
    notedSchema,
    { once: true },
  );
  if (status !== 'noted') throw refuse(status);
}

/**
 * Ends a call under way by closing its room: its worker settles it as if the caller had hung up.
 * @throws Fault `not_found`, `forbidden`, `call_settled`, `database_unavailable`
 */
export async function endCall(
  deps: Dependencies,
  { callId, ...act }: Act & { callId: string },
): Promise<void> {
  const { data, error } = await deps.database
    .from('calls')
    .select('user_id, status')
    .eq('id', callId)
    .maybeSingle();
  if (error) throw databaseFault('calls', error);
  if (data === null) throw new Fault('not_found', 'There is no such call.');
  if (data.status === 'settled') throw new Fault('call_settled', 'This call is over.');
  await noteAct(deps, { ...act, act: 'end_call', subject: callId, aboutUserId: data.user_id });
  await closeRooms(deps, [callId]);
  deps.logger.info({ operator_id: act.operatorId, call_id: callId }, 'an operator ended a call');
}

/**
 * Freezes an account, or frees it: nothing new begins on a frozen one, and what is there stays.
 * @throws Fault `not_found`, `forbidden`, `database_unavailable`
 */
export async function freezePerson(
  { database, logger }: Dependencies,
  { userId, isFrozen, operatorId, reason }: Act & { userId: string; isFrozen: boolean },
) {
  const args = {
    p_user_id: userId,
    p_is_frozen: isFrozen,
    p_operator_id: operatorId,
    p_reason: reason,
  };
  const { status } = await callFunction(database, 'freeze_person', args, frozenSchema);
  if (status !== 'frozen' && status !== 'free') throw refuse(status);
  logger.info({ operator_id: operatorId, user_id: userId, status }, 'an account was frozen or freed');
  return { status };
}

/**
 * Deletes a person: what the books must keep stays under the bare id (supabase/README.md).
 * @throws Fault `not_found`, `forbidden`, `database_unavailable`
 */
export async function erasePerson(
  { database, logger }: Dependencies,
  { userId, operatorId, reason }: Act & { userId: string },
): Promise<void> {
  const args = { p_user_id: userId, p_operator_id: operatorId, p_reason: reason };
  const { status } = await callFunction(database, 'erase_person', args, erasedSchema, { once: true });
  if (status !== 'erased') throw refuse(status);
  logger.info({ operator_id: operatorId, user_id: userId }, 'an operator erased a person');
}
