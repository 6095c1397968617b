import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from './stripe-client.ts';

type Buyer = { userId: string; email: string | null; stripeCustomerId: string | null };

async function exists({ stripe }: Dependencies, customerId: string): Promise<boolean> {
  const customer = await askStripe(() => stripe.customers.retrieve(customerId));
  return customer !== null && customer.deleted !== true;
}

/**
 * The buyer's customer at Stripe, made on the first purchase, and made anew where Stripe does not know the
 * stored one any more (deleted there, or a project that moved from test keys to live ones).
 * @returns the customer's id
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function findOrCreateCustomer(deps: Dependencies, buyer: Buyer): Promise<string> {
  const { userId, email, stripeCustomerId } = buyer;
  if (stripeCustomerId !== null && (await exists(deps, stripeCustomerId))) return stripeCustomerId;
  const key =
    stripeCustomerId === null ? `customer:${userId}` : `customer:${userId}:after:${stripeCustomerId}`;
  const params = { metadata: { user_id: userId }, ...(email === null ? {} : { email }) };
  const customer = await createAtStripe(key, (options) => deps.stripe.customers.create(params, options));
  if (customer === null) throw new Fault('payment_provider_unavailable');
  const isReplayed = customer.lastResponse.headers['idempotent-replayed'] === 'true';
  // For a day Stripe answers a key with what it made then, also with a customer that was deleted since.
  if (isReplayed && !(await exists(deps, customer.id))) {
    return findOrCreateCustomer(deps, { ...buyer, stripeCustomerId: customer.id });
  }
  const { error } = await deps.database
    .from('users')
    .update({ stripe_customer_id: customer.id })
    .eq('id', userId);
  if (error) throw databaseFault('users', error);
  return customer.id;
}
