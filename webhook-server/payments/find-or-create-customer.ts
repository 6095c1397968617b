import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from './stripe-client.ts';

type Buyer = { userId: string; stripeCustomerId: string | null };

/** What Stripe knows of a person. An empty text takes away what was there. */
type Contact = { email: string; name: string };

async function exists({ stripe }: Dependencies, customerId: string): Promise<boolean> {
  const customer = await askStripe(() => stripe.customers.retrieve(customerId));
  return customer !== null && customer.deleted !== true;
}

const contactOf = (row: { email: string | null; display_name: string }): Contact => ({
  email: row.email ?? '',
  name: row.display_name,
});

/**
 * What the books say of a person now.
 * @returns null where there is no such person
 * @throws Fault `database_unavailable`
 */
export async function readContact(
  { database }: Dependencies,
  userId: string,
): Promise<(Contact & { stripeCustomerId: string | null }) | null> {
  const users = database.from('users').select('email, display_name, stripe_customer_id').eq('id', userId);
  const { data, error } = await users.maybeSingle();
  if (error) throw databaseFault('users', error);
  return data && { ...contactOf(data), stripeCustomerId: data.stripe_customer_id };
}

/** A person's customer at Stripe, if they have one. @throws Fault `database_unavailable` */
export async function customerOf(deps: Dependencies, userId: string): Promise<string | null> {
  return (await readContact(deps, userId))?.stripeCustomerId ?? null;
}

async function noteCustomer(
  { database }: Dependencies,
  userId: string,
  customerId: string,
): Promise<Contact | undefined> {
  const change = database.from('users').update({ stripe_customer_id: customerId }).eq('id', userId);
  const { data, error } = await change.select('email, display_name');
  if (error) throw databaseFault('users', error);
  return data[0] && contactOf(data[0]);
}

/**
 * The buyer's customer at Stripe, made on the first purchase, and made anew where Stripe does not know the
 * stored one any more (deleted there, or a project that moved from test keys to live ones).
 * @returns the customer's id
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function findOrCreateCustomer(deps: Dependencies, buyer: Buyer): Promise<string> {
  const { userId, stripeCustomerId } = buyer;
  if (stripeCustomerId !== null && (await exists(deps, stripeCustomerId))) return stripeCustomerId;
  const key =
    stripeCustomerId === null ? `customer:${userId}` : `customer:${userId}:after:${stripeCustomerId}`;
  const { email = '', name = '' } = (await readContact(deps, userId)) ?? {};
  const params = {
    metadata: { user_id: userId },
    ...(email !== '' && { email }),
    ...(name !== '' && { name }),
  };
  const customer = await createAtStripe(key, (options) => deps.stripe.customers.create(params, options));
  if (customer === null) throw new Fault('payment_provider_unavailable');
  const isReplayed = customer.lastResponse.headers['idempotent-replayed'] === 'true';
  // For a day Stripe answers a key with what it made then, also with a customer that was deleted since.
  if (isReplayed && !(await exists(deps, customer.id))) {
    return findOrCreateCustomer(deps, { ...buyer, stripeCustomerId: customer.id });
  }
  const now = await noteCustomer(deps, userId, customer.id);
  // Changed while it was made, when there was no customer yet that could be told of it.
  if (now && (now.email !== (customer.email ?? '') || now.name !== (customer.name ?? ''))) {
    await askStripe(() => deps.stripe.customers.update(customer.id, now));
  }
  return customer.id;
}
