import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { usageKind } from '../api/usage.ts';

const micros = z.int().nonnegative();
const decimal = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/);
const currency = z.string().regex(/^[a-z]{3}$/);
const meter = z.strictObject({
  event_name: z.string().regex(/^[a-z0-9_]{1,100}$/),
  display_name: z.string().min(1).max(250),
  formula: z.enum(['count', 'last', 'sum']),
});

/** What a plan bills by use: kinds of usage by a meter, at so many cents for one of the value. */
const meteredPart = z.strictObject({
  event_name: z.string(),
  value: z.enum(['price_micros', 'quantity']),
  unit_amount_decimal: decimal,
  kinds: z.array(usageKind).min(1),
});

const plan = z.strictObject({
  id: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  name: z.string().min(1).max(200),
  /** A tenant subscribes once in each. */
  line: z.enum(['time', 'credits', 'api']).optional(),
  kind: z.enum(['prepaid', 'metered', 'seats', 'flat']),
  currency,
  /** Of a period, whatever is used. The plan of a line that costs nothing is everybody's who has no other. */
  base_price_cents: z.int().nonnegative().optional(),
  /** By API keys. */
  requests_per_period: z.int().nonnegative().optional(),
  seat_price_cents: z.int().nonnegative().optional(),
  monthly_minutes: z.int().nonnegative().optional(),
  calls_at_once: z.int().nonnegative(),
  requests_per_minute: z.int().positive(),
  soft_spend_per_day_micros: micros.optional(),
  hard_spend_per_day_micros: micros.optional(),
  soft_spend_per_month_micros: micros.optional(),
  hard_spend_per_month_micros: micros.optional(),
  features: z.array(z.string()),
  metered: z.array(meteredPart),
});

const rate = z.strictObject({
  kind: usageKind,
  provider: z.string().optional(),
  model: z.string().optional(),
  tool: z.string().optional(),
  cost_micros_usd_per_million: micros.optional(),
  price_micros_per_million: micros.optional(),
  markup_percent: z.number().nonnegative().optional(),
  currency: currency.optional(),
  valid_from: z.iso.datetime(),
  valid_to: z.iso.datetime().optional(),
});

/** What is sold to tenants: by which meters, at which prices, and what a unit of usage costs. */
export const planCatalogue = z
  .strictObject({ meters: z.array(meter), plans: z.array(plan), rates: z.array(rate) })
  .superRefine(({ meters, plans }, context) => {
    const names = new Set(meters.map(({ event_name }) => event_name));
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (names.size < meters.length) refuse('two meters have one event name');
    if (new Set(plans.map(({ id }) => id)).size < plans.length) refuse('two plans have one id');
    const free = plans.filter((one) => one.base_price_cents === 0).map(({ line = 'time' }) => line);
    if (new Set(free).size < free.length) refuse('two plans of one line cost nothing');
    for (const { id, kind, line, metered, seat_price_cents, ...plan } of plans) {
      if (kind === 'flat' && plan.base_price_cents === undefined)
        refuse(`plan ${id}: a flat plan has a price`);
      if ((line === 'api') !== (plan.requests_per_period !== undefined))
        refuse(`plan ${id}: a plan of the API has a quota, and no other`);
      const kinds = metered.flatMap((part) => part.kinds);
      if (new Set(kinds).size < kinds.length) refuse(`plan ${id} would bill a kind of usage twice`);
      const unknown = metered.find(({ event_name }) => !names.has(event_name));
      if (unknown !== undefined)
        refuse(`plan ${id} names the meter ${unknown.event_name}, which is not there`);
      const events = metered.map(({ event_name }) => event_name);
      if (new Set(events).size < events.length) refuse(`plan ${id} has two prices for one meter`);
      if ((kind === 'seats') !== (seat_price_cents !== undefined)) refuse(`plan ${id}: seats have a price`);
      if (kind === 'prepaid' && metered.length > 0)
        refuse(`plan ${id} is prepaid and would be billed by use`);
    }
  });
export type PlanCatalogue = z.infer<typeof planCatalogue>;
export type Plan = PlanCatalogue['plans'][number];

/** The catalogue of this repository, or another file. @throws ZodError in words for whoever wrote it */
export function readPlanCatalogue(
  path: string | URL = new URL('plans.json', import.meta.url),
): PlanCatalogue {
  return planCatalogue.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Stripe's id of a plan's product: by it a subscription is known to be of this plan. */
export const productIdOf = (planId: string): string => `mindbot_plan_${planId}`;

/** The plan of a product, or null for what is not ours. */
export function planIdOf(productId: string): string | null {
  return productId.startsWith('mindbot_plan_') ? productId.slice('mindbot_plan_'.length) : null;
}

/** The lookup key of the price of a plan's seats, or of a meter. */
export const priceKeyOf = (planId: string, part: string): string => `mindbot:${planId}:${part}`;
