import { activateCode } from '../../shared/activation-codes/activate-code.ts';
import {
  hashActivationCode,
  hashAddress,
  parseActivationCode,
} from '../../shared/activation-codes/keyed-hash.ts';
import type { ActivateResponse } from '../../shared/api/time-cards.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { readBalance } from './read-balance.ts';
import { readCard } from './read-card.ts';

/**
 * Gives the card behind a code to a person.
 * @param attempt.input as typed
 * @param attempt.address of the client, as `addressOf` answers it
 * @throws Fault `mistyped_code` (costs no attempt), `unknown_code`, `code_used`, `own_code`, `code_revoked`,
 *   `too_many_attempts`, `not_signed_in`, `database_unavailable`
 */
export async function activateCard(
  deps: Dependencies,
  attempt: { userId: string; tenantId?: string | undefined; input: string; address: string },
): Promise<ActivateResponse> {
  const { userId, tenantId, input, address } = attempt;
  const key = deps.config.ACTIVATION_CODE_KEY;
  const { cardId, repeated, gift } = await activateCode(
    deps.database,
    {
      userId,
      tenantId,
      codeHash: hashActivationCode(key, parseActivationCode(input)),
      addressHash: hashAddress(key, address),
    },
    (outcome) => deps.metrics.activations.inc({ outcome }),
  );
  if (repeated) {
    // Also the answer to a repeat after a lost answer: it says where the time is.
    throw new Fault('code_used', 'You have activated this code already: its time is in your balance.');
  }
  const [card, { balance_seconds }] = await Promise.all([
    readCard(deps, cardId),
    readBalance(deps, tenantId ?? userId),
  ]);
  return { card, balance_seconds, gift };
}
