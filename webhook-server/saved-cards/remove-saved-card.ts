import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';
import { isOwnCard } from './own-card.ts';

/**
 * Removes a kept card for good, and ends the automatic top-up that uses it first: one that went on without its card
 * would only decline. A card of somebody else's, or none, is left alone.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function removeSavedCard(
  deps: Dependencies,
  userId: string,
  paymentMethodId: string,
): Promise<void> {
  if (!(await isOwnCard(deps, userId, paymentMethodId))) return;
  const args = { p_user_id: userId, p_payment_method_id: paymentMethodId };
  await callFunction(deps.database, 'stop_using_card', args, z.object({ status: z.string() }));
  await askStripe(() => deps.stripe.paymentMethods.detach(paymentMethodId));
  deps.logger.info({ user_id: userId }, 'a person removed a kept card');
}
