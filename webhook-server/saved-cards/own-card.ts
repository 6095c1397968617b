import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

/** A person's customer at Stripe. @throws Fault `database_unavailable` */
export async function customerOf({ database }: Dependencies, userId: string): Promise<string | null> {
  const users = database.from('users').select('stripe_customer_id').eq('id', userId);
  const { data, error } = await users.maybeSingle();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  return data?.stripe_customer_id ?? null;
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
