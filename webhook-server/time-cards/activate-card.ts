import { z } from 'zod';
import type { ActivateResponse, Card } from '../../shared/api/time-cards.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import { readBalance } from '../accounts/read-balance.ts';
import type { Dependencies } from '../dependencies.ts';
import { hashActivationCode, parseActivationCode } from './activation-code.ts';
import { CARD_COLUMNS, toCard } from './card.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('activated'), card_id: z.uuid() }),
  z.object({
    status: z.enum(['unknown_code', 'used', 'already_yours', 'revoked', 'too_many_attempts', 'unknown_user']),
  }),
]);

const REFUSALS = {
  unknown_code: ['unknown_code'],
  used: ['code_used'],
  // Also the answer to a repeat after a lost answer: it says where the time is.
  already_yours: ['code_used', 'You have activated this code already: its time is in your balance.'],
  revoked: ['code_revoked'],
  too_many_attempts: ['too_many_attempts'],
  unknown_user: ['not_signed_in'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

async function readCard(deps: Dependencies, cardId: string): Promise<Card> {
  const cards = deps.database.from('time_cards').select(CARD_COLUMNS);
  const { data, error } = await cards.eq('id', cardId).single();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  return toCard(data, deps.now());
}

/**
 * Gives the card behind a code to a person.
 * @param input as typed or spoken
 * @throws Fault `mistyped_code` (costs no attempt), `unknown_code`, `code_used`, `code_revoked`,
 *   `too_many_attempts`, `not_signed_in`, `database_unavailable`
 */
export async function activateCard(
  deps: Dependencies,
  userId: string,
  input: string,
): Promise<ActivateResponse> {
  const codeHash = hashActivationCode(deps.config.ACTIVATION_CODE_KEY, parseActivationCode(input));
  const args = { p_user_id: userId, p_code_hash: codeHash };
  const answer = await callFunction(deps.database, 'activate_time_card', args, answerSchema);
  deps.metrics.activations.inc({ outcome: answer.status });
  if (answer.status !== 'activated') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const [card, { balance_seconds }] = await Promise.all([
    readCard(deps, answer.card_id),
    readBalance(deps, userId),
  ]);
  return { card, balance_seconds };
}
