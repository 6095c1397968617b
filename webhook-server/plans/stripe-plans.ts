import Stripe from 'stripe';
import { type Plan, type PlanCatalogue, priceKeyOf, productIdOf } from '../../shared/catalogue/plans.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

/** One thing that differs, and what makes it the same. */
export type Step = { words: string; make?: () => Promise<unknown> };

type Context = Pick<Dependencies, 'stripe'>;

/** Meters are known by their event's name, and only what people read of one can be changed. */
async function planMeters({ stripe }: Context, { meters }: PlanCatalogue): Promise<Step[]> {
  const known: Stripe.Billing.Meter[] = [];
  await askStripe(async () => {
    for await (const meter of stripe.billing.meters.list({ limit: 100 })) known.push(meter);
  });
  return meters.flatMap(({ event_name, display_name, formula }): Step[] => {
    const ofName = known.filter((meter) => meter.event_name === event_name);
    const meter = ofName.find(({ status }) => status === 'active') ?? ofName[0];
    if (meter === undefined) {
      const params = {
        display_name,
        event_name,
        default_aggregation: { formula },
        customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
        value_settings: { event_payload_key: 'value' },
      } as const;
      return [{ words: `meter ${event_name}: create`, make: () => stripe.billing.meters.create(params) }];
    }
    if (meter.default_aggregation.formula !== formula) {
      const words = `meter ${event_name}: is a ${meter.default_aggregation.formula}, and stays one: give it another name`;
      return [{ words }];
    }
    const { id } = meter;
    return [
      ...(meter.status === 'active'
        ? []
        : [{ words: `meter ${event_name}: reopen`, make: () => stripe.billing.meters.reactivate(id) }]),
      ...(meter.display_name === display_name
        ? []
        : [
            {
              words: `meter ${event_name}: name ${display_name}`,
              make: () => stripe.billing.meters.update(id, { display_name }),
            },
          ]),
    ];
  });
}

async function planProduct({ stripe }: Context, { id: planId, name }: Plan): Promise<Step[]> {
  const id = productIdOf(planId);
  const product = await askStripe(() => stripe.products.retrieve(id));
  const metadata = { plan_id: planId };
  if (product === null) {
    return [{ words: `product ${id}: create`, make: () => stripe.products.create({ id, name, metadata }) }];
  }
  if (product.name === name && product.active) return [];
  return [{ words: `product ${id}: change`, make: () => stripe.products.update(id, { name, active: true }) }];
}

type WantedPrice = {
  key: string;
  currency: string;
  amount: string;
  /** The event name of its meter; undefined for seats and the base price. */
  meter?: string;
};

function pricesOf(plan: Plan): WantedPrice[] {
  const { id, currency, seat_price_cents: cents, base_price_cents: price = 0, metered } = plan;
  const base = price === 0 ? [] : [{ key: priceKeyOf(id, 'base'), currency, amount: String(price) }];
  const seats = cents === undefined ? [] : [{ key: priceKeyOf(id, 'seat'), currency, amount: String(cents) }];
  const usage = metered.map(({ event_name, unit_amount_decimal }) => ({
    key: priceKeyOf(id, event_name),
    currency,
    amount: unit_amount_decimal,
    meter: event_name,
  }));
  return [...base, ...seats, ...usage];
}

/** A price is never changed: another one takes its lookup key. Who pays by the old one goes on to, until their plan is changed. */
async function planPrice({ stripe }: Context, plan: Plan, wanted: WantedPrice): Promise<Step[]> {
  const { key, currency, amount, meter: eventName } = wanted;
  const found = await askStripe(() =>
    stripe.prices.list({ lookup_keys: [key], active: true, limit: 1, expand: ['data.product'] }),
  );
  const [price] = found?.data ?? [];
  const meterOf = async () => {
    for await (const meter of stripe.billing.meters.list({ limit: 100, status: 'active' })) {
      if (meter.event_name === eventName) return meter.id;
    }
    return undefined;
  };
  const decimal = Stripe.Decimal.from(amount);
  const isSame =
    price !== undefined &&
    price.currency === currency &&
    String(price.unit_amount_decimal) === String(decimal) &&
    (price.recurring?.meter ?? undefined) === (eventName === undefined ? undefined : await meterOf());
  if (isSame) return [];
  const make = async () => {
    const meter = eventName === undefined ? undefined : await meterOf();
    await stripe.prices.create({
      product: productIdOf(plan.id),
      currency,
      lookup_key: key,
      transfer_lookup_key: true,
      metadata: { plan_id: plan.id },
      unit_amount_decimal: decimal,
      recurring: { interval: 'month', ...(meter === undefined ? {} : { usage_type: 'metered', meter }) },
    });
    if (price !== undefined) await stripe.prices.update(price.id, { active: false });
  };
  return [{ words: `price ${key}: ${amount} cents, ${price === undefined ? 'create' : 'replace'}`, make }];
}

/** What differs at Stripe from the catalogue, in the order in which it is to be made. */
export async function compareWithStripe(context: Context, catalogue: PlanCatalogue): Promise<Step[]> {
  const steps = await planMeters(context, catalogue);
  for (const plan of catalogue.plans) {
    // Nobody subscribes to what costs nothing.
    if (plan.base_price_cents === 0) continue;
    steps.push(...(await planProduct(context, plan)));
    for (const wanted of pricesOf(plan)) steps.push(...(await planPrice(context, plan, wanted)));
  }
  return steps;
}
