import { z } from 'zod';
import type { AutoTopUpRequest } from '../../shared/api/auto-top-up.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { isOwnCard } from '../saved-cards/saved-cards.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('cap_below_price'), price_cents: z.int() }),
  z.object({ status: z.literal('price_changed'), price_cents: z.int(), currency: z.string() }),
  z.object({ status: z.literal('threshold_above_package'), package_seconds: z.int() }),
  z.object({ status: z.enum(['set', 'unknown_user', 'unknown_package', 'invalid_setting']) }),
]);

/**
 * Turns automatic top-up on, on these terms, at the price of now; doing so again also ends a stop after declines.
 * @throws Fault `invalid_request`, `unknown_package`, `price_changed`, `not_signed_in`, `payment_provider_unavailable`,
 *   `database_unavailable`
 */
export async function setAutoTopUp(
  deps: Dependencies,
  userId: string,
  terms: AutoTopUpRequest,
): Promise<void> {
  if (!(await isOwnCard(deps, userId, terms.payment_method_id))) {
    throw new Fault('invalid_request', 'payment_method_id: is no saved card of yours');
  }
  const args = {
    p_user_id: userId,
    p_package_id: terms.package_id,
    p_threshold_seconds: terms.threshold_seconds,
    p_monthly_cap_cents: terms.monthly_cap_cents,
    p_payment_method_id: terms.payment_method_id,
    ...(terms.price_cents !== undefined && { p_price_cents: terms.price_cents }),
    ...(terms.currency !== undefined && { p_currency: terms.currency }),
  };
  const answer = await callFunction(deps.database, 'set_auto_top_up', args, answerSchema);
  switch (answer.status) {
    case 'set':
      return;
    case 'unknown_package':
      throw new Fault('unknown_package');
    case 'unknown_user':
      throw new Fault('not_signed_in');
    case 'cap_below_price':
      throw new Fault('invalid_request', 'monthly_cap_cents: is less than one package costs');
    case 'price_changed':
      throw new Fault('price_changed');
    case 'threshold_above_package':
      throw new Fault(
        'invalid_request',
        `threshold_seconds: is more than the package gives (${answer.package_seconds} seconds)`,
      );
    default:
      throw new Fault('invalid_request');
  }
}
