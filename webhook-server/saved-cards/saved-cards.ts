import { z } from 'zod';
import type { SavedCard } from '../../shared/api/saved-cards.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { customerOf } from '../payments/find-or-create-customer.ts';
import { askStripe } from '../payments/stripe-client.ts';

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

const MOST = 100;

/**
 * The cards that a person had kept at Stripe, newest first.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function listSavedCards(deps: Dependencies, userId: string): Promise<SavedCard[]> {
  const customer = await customerOf(deps, userId);
  if (customer === null) return [];
  const methods = await askStripe(() =>
    deps.stripe.paymentMethods.list({ customer, type: 'card', limit: MOST }),
  );
  return (methods?.data ?? []).flatMap(({ id, card }) =>
    card === undefined
      ? []
      : [{ id, brand: card.brand, last4: card.last4, exp_month: card.exp_month, exp_year: card.exp_year }],
  );
}

/**
 * Whether a card was saved by this person, and by nobody else: its id alone proves nothing.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function isOwnCard(
  deps: Dependencies,
  userId: string,
  paymentMethodId: string,
): Promise<boolean> {
  const customer = await customerOf(deps, userId);
  const method = await askStripe(() => deps.stripe.paymentMethods.retrieve(paymentMethodId));
  const owner = typeof method?.customer === 'string' ? method.customer : method?.customer?.id;
  return owner !== undefined && owner === customer;
}
