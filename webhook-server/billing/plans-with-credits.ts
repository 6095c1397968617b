import { priceKeyOf, productIdOf } from '../../shared/catalogue/plans.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';

export type PlanWithCredits = {
  id: string;
  name: string;
  currency: string;
  basePriceCents: number;
  trialDays: number;
};

/** Plans with credits are rows whose id says their code (`billing_plans`). */
export const planIdOfCode = (code: string): string => `credits_${code.toLowerCase()}`;

/** A plan by its code. @param forSale false: also one that is not for sale any more. @throws Fault `not_found` */
export async function readPlan(
  { database }: Dependencies,
  id: string,
  { forSale }: { forSale: boolean },
): Promise<PlanWithCredits> {
  const columns = 'id, name, currency, base_price_cents, trial_days, active';
  const plans = database.from('plans').select(columns).eq('id', id).eq('kind', 'credits');
  const { data, error } = await plans.maybeSingle();
  if (error) throw databaseFault('plans', error);
  if (data === null || (forSale && !data.active)) throw new Fault('not_found', 'No such plan is for sale.');
  const { name, currency, base_price_cents: cents, trial_days: trialDays } = data;
  return { id, name, currency, basePriceCents: cents ?? 0, trialDays: trialDays ?? 0 };
}

/**
 * The price of a plan's base at Stripe: made where it is not there, so that a plan is for sale once it is a row.
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`
 */
export async function findOrCreatePrice(
  { stripe }: Dependencies,
  { id, name, currency, basePriceCents }: PlanWithCredits,
): Promise<string> {
  const key = priceKeyOf(id, 'base');
  const known = await askStripe(() => stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 }));
  const [price] = known?.data ?? [];
  if (price?.currency === currency && price.unit_amount === basePriceCents) return price.id;
  const product = productIdOf(id);
  const metadata = { plan_id: id };
  if ((await askStripe(() => stripe.products.retrieve(product))) === null) {
    await createAtStripe(`product:${product}`, (options) =>
      stripe.products.create({ id: product, name, metadata }, options),
    );
  }
  const made = await createAtStripe(`price:${key}:${currency}:${basePriceCents}`, (options) =>
    stripe.prices.create(
      {
        ...{ product, currency, unit_amount: basePriceCents, lookup_key: key, transfer_lookup_key: true },
        ...{ metadata, recurring: { interval: 'month' } },
      },
      options,
    ),
  );
  if (made === null) throw new Fault('payment_provider_unavailable');
  return made.id;
}
