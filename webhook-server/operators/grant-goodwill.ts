import { z } from 'zod';
import type { GoodwillRequest, GoodwillResponse } from '../../shared/api/goodwill.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('granted'), card_id: z.uuid(), replayed: z.boolean() }),
  z.object({
    status: z.enum(['invalid_grant', 'not_an_operator', 'own_account', 'unknown_user', 'key_reused']),
  }),
]);

const REFUSALS = {
  invalid_grant: ['invalid_request'],
  not_an_operator: ['forbidden', 'Only operators may give time.'],
  // Nobody gives time to themselves, lest a reason be all that stands between an operator and free calls.
  own_account: ['forbidden', 'Ask another operator to give time to you.'],
  unknown_user: ['not_found', 'There is no such person.'],
  key_reused: [
    'idempotency_key_reused',
    'This Idempotency-Key gave other time, or to somebody else. Use a new key for a new grant.',
  ],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/**
 * Gives a person time for nothing, as a card of its own. Whether the giver may is decided by the database, under
 * its own record of roles. The key counts for this operator only: two who number their grants alike do not meet.
 * @throws Fault `forbidden`, `invalid_request`, `not_found`, `idempotency_key_reused`, `database_unavailable`
 */
export async function grantGoodwill(
  { database, logger }: Dependencies,
  grant: GoodwillRequest & { operatorId: string; userId: string; idempotencyKey: string },
): Promise<GoodwillResponse> {
  const { operatorId, userId, seconds, reason, idempotencyKey } = grant;
  const args = {
    p_user_id: userId,
    p_seconds: seconds,
    p_reason: reason,
    p_operator_id: operatorId,
    p_key: `${operatorId}:${idempotencyKey}`,
  };
  const answer = await callFunction(database, 'grant_goodwill', args, answerSchema);
  if (answer.status !== 'granted') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const { card_id, replayed } = answer;
  logger.info({ operator_id: operatorId, user_id: userId, seconds, card_id, replayed }, 'goodwill was given');
  return { card_id, seconds, replayed };
}
