import type { SavedCard } from '../../shared/api/saved-cards.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

const MOST = 100;

/** @throws Fault `database_unavailable` */
export async function customerOf({ database }: Dependencies, userId: string): Promise<string | null> {
  const users = database.from('users').select('stripe_customer_id').eq('id', userId);
  const { data, error } = await users.maybeSingle();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  return data?.stripe_customer_id ?? null;
}

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
