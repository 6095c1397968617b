import type { SavedCard } from '../../shared/api/saved-cards.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';
import { customerOf } from './own-card.ts';

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
