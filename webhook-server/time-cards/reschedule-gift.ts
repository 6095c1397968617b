import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('scheduled'), deliver_at: z.string() }),
  z.object({ status: z.enum(['unknown_gift', 'invalid_delivery', 'too_late']) }),
]);

type Change = { userId: string; cardId: string; deliverOn: string | null; timeZone: string };

/**
 * Has the code of a gift sent on another day, or now, as long as it was not sent.
 * @throws Fault `not_found`, `invalid_request`, `too_late`, `database_unavailable`
 */
export async function rescheduleGift({ database }: Dependencies, change: Change) {
  const { userId, cardId, deliverOn, timeZone } = change;
  const args = {
    p_user_id: userId,
    p_card_id: cardId,
    p_deliver_on: deliverOn,
    p_time_zone: timeZone,
  };
  // The generated types know no nullable arguments.
  const answer = await callFunction(database, 'reschedule_gift', args as never, answerSchema);
  switch (answer.status) {
    case 'scheduled':
      return { card_id: cardId, deliver_at: answer.deliver_at };
    case 'unknown_gift':
      throw new Fault('not_found', 'You have bought no such gift.');
    case 'invalid_delivery':
      throw new Fault('invalid_request', 'deliver_on: must be a day after today, within a year');
    case 'too_late':
      throw new Fault('too_late', 'Its code was sent already, or it is not valid any more.');
  }
}
