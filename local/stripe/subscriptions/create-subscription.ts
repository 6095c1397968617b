import { z } from 'zod';
import { boolean, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { invalidParameter, invalidRequest, noSuchReference, StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import {
  newId,
  type WireInvoice,
  type WirePlan,
  type WirePrice,
  type WireSubscription,
  type WireSubscriptionItem,
} from '../store/kinds.ts';
import { collect, draftInvoice, finalize } from './invoices.ts';
import { licensedLine, trialLine } from './lines.ts';
import { anchorAfter, periodEnd } from './period-end.ts';
import { renewLater } from './renew-subscription.ts';
import { requireLocation } from './taxes.ts';

const billingMode = z.strictObject({
  type: z.enum(['classic', 'flexible']),
  flexible: z.strictObject({ proration_discounts: z.enum(['included', 'itemized']).optional() }).optional(),
});

export const automaticTax = z.strictObject({ enabled: boolean() });

export const createParams = {
  automatic_tax: automaticTax.optional(),
  backdate_start_date: integer(0).optional(),
  billing_cycle_anchor: integer(0).optional(),
  billing_cycle_anchor_config: z
    .strictObject({
      day_of_month: integer(1, 31),
      hour: integer(0, 23).optional(),
      minute: integer(0, 59).optional(),
      second: integer(0, 59).optional(),
    })
    .optional(),
  billing_mode: billingMode.optional(),
  customer: text(),
  default_payment_method: text().optional(),
  items: z
    .array(
      z.strictObject({ price: text(), quantity: integer(0).optional(), metadata: metadata().optional() }),
    )
    .min(1)
    .max(20),
  metadata: metadata().optional(),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
  payment_settings: z
    .strictObject({ save_default_payment_method: z.enum(['off', 'on_subscription']).optional() })
    .optional(),
  proration_behavior: z.enum(['create_prorations', 'none']).optional(),
  trial_end: integer(0).optional(),
  trial_period_days: integer(1, 730).optional(),
  trial_settings: z
    .strictObject({
      end_behavior: z.strictObject({
        missing_payment_method: z.enum(['cancel', 'create_invoice', 'pause']),
      }),
    })
    .optional(),
};
const createSchema = z.strictObject(createParams);
export type CreateSubscription = z.output<typeof createSchema>;

/** The old name of a price, which items still show. */
function planOf(price: WirePrice): WirePlan {
  return fill<WirePlan>('plan', {
    id: price.id,
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    meter: price.recurring?.meter,
    product: String(price.product),
    usage_type: price.recurring?.usage_type ?? 'licensed',
  });
}

export function recurringPrice(call: Call, id: string, param: string): WirePrice {
  const price = call.store.find('price', id);
  if (price === undefined) throw noSuchReference('price', id, param);
  if (price.recurring === null) {
    throw invalidRequest(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param },
    );
  }
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
      param,
    });
  }
  return price;
}

/** An item: what is counted has no quantity. */
export function newItem(
  call: Call,
  given: { readonly price: WirePrice; readonly quantity: number | undefined; readonly subscription: string },
  start: number,
  end?: number,
): WireSubscriptionItem {
  const { price, quantity, subscription } = given;
  const isMetered = price.recurring?.usage_type === 'metered';
  if (isMetered && quantity !== undefined) {
    throw invalidParameter(
      'Quantity should not be specified where usage_type is `metered`. Remove quantity from the items.',
      {
        param: 'items[0][quantity]',
      },
    );
  }
  const { interval, interval_count } = price.recurring ?? { interval: 'month', interval_count: 1 };
  return fill<WireSubscriptionItem>('subscription_item', {
    id: newId('si', 14),
    created: call.nowSeconds,
    current_period_start: start,
    current_period_end: end ?? periodEnd(start, interval, interval_count),
    plan: planOf(price),
    price,
    ...(isMetered ? {} : { quantity: quantity ?? 1 }),
    subscription,
  });
}

/** @throws StripeRefusal 400 when two items would be of one price, or of several currencies. */
export function checkItems(items: readonly WireSubscriptionItem[]): string {
  const prices = new Set(items.map(({ price }) => price.id));
  if (prices.size < items.length) {
    throw invalidRequest('Cannot add multiple subscription items with the same plan.', { param: 'items' });
  }
  const [currency = 'usd', other] = new Set(items.map(({ price }) => price.currency));
  if (other !== undefined) {
    throw invalidRequest('All prices on a subscription must have the same currency.', { param: 'items' });
  }
  return currency;
}

interface Times {
  readonly start: number;
  /** The end of the first period, where it is not one of the price's own. */
  readonly end: number | undefined;
  readonly anchor: number;
  readonly trialEnd: number | undefined;
}

/** When it begins, and to which moment its periods keep. */
function timesOf(given: CreateSubscription, now: number): Times {
  const { backdate_start_date: start = now, billing_cycle_anchor_config: config } = given;
  if (start > now) {
    throw invalidRequest('`backdate_start_date` must be in the past.', { param: 'backdate_start_date' });
  }
  const days = given.trial_period_days;
  const trialEnd = given.trial_end ?? (days === undefined ? undefined : now + days * 86_400);
  if (trialEnd !== undefined && trialEnd <= now) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', {
      param: 'trial_end',
    });
  }
  if (config !== undefined && given.billing_cycle_anchor !== undefined) {
    throw invalidParameter(
      'You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.',
    );
  }
  const asked = given.billing_cycle_anchor ?? (config === undefined ? undefined : anchorAfter(now, config));
  if (asked !== undefined && asked <= now) {
    throw invalidRequest('`billing_cycle_anchor` must be in the future.', { param: 'billing_cycle_anchor' });
  }
  if (start < now && asked === undefined) {
    throw invalidRequest('This stand-in backdates only with an anchor to which the periods keep.', {
      param: 'backdate_start_date',
    });
  }
  return { start, end: trialEnd ?? asked, anchor: asked ?? trialEnd ?? start, trialEnd };
}

function build(
  call: Call,
  given: CreateSubscription,
  { start, end, anchor, trialEnd }: Times,
  now: number,
): WireSubscription {
  const id = newId('sub');
  const items = given.items.map((item, index) => {
    const price = recurringPrice(call, item.price, `items[${index}][price]`);
    return newItem(call, { price, quantity: item.quantity, subscription: id }, start, end);
  });
  const currency = checkItems(items);
  const payer = findCustomer(call, given.customer);
  return call.create('subscription', {
    id,
    automatic_tax: {
      disabled_reason: null,
      enabled: given.automatic_tax?.enabled ?? false,
      liability: given.automatic_tax?.enabled ? { type: 'self' } : null,
    },
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config:
      given.billing_cycle_anchor_config === undefined
        ? null
        : { hour: null, minute: null, month: null, second: null, ...given.billing_cycle_anchor_config },
    billing_mode: {
      type: given.billing_mode?.type ?? 'flexible',
      flexible: { proration_discounts: given.billing_mode?.flexible?.proration_discounts ?? 'included' },
    },
    cancel_at_period_end: false,
    collection_method: 'charge_automatically',
    created: now,
    currency,
    customer: given.customer,
    default_payment_method: given.default_payment_method,
    invoice_settings: { issuer: { type: 'self' } },
    items: { object: 'list', data: items, has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    metadata: mergeMetadata({}, given.metadata),
    payment_settings: {
      save_default_payment_method: given.payment_settings?.save_default_payment_method ?? 'off',
    },
    start_date: start,
    status: trialEnd === undefined ? 'incomplete' : 'trialing',
    test_clock: payer?.test_clock,
    trial_end: trialEnd,
    trial_settings: given.trial_settings ?? { end_behavior: { missing_payment_method: 'create_invoice' } },
    trial_start: trialEnd === undefined ? undefined : start,
  });
}

/** What is paid in advance of the first period, which may be shorter than one of the price: then only that part of it. */
function firstInvoice(call: Call, subscription: WireSubscription, isFree: boolean): WireInvoice {
  const licensed = subscription.items.data.filter(({ price }) => price.recurring?.usage_type !== 'metered');
  const lines = licensed.flatMap((item) => {
    const period = { start: item.current_period_start, end: item.current_period_end };
    if (subscription.trial_end !== null) return [trialLine(call, subscription, item, period)];
    return isFree ? [] : [licensedLine(call, subscription, item, period)];
  });
  const start = subscription.start_date;
  return finalize(
    call,
    draftInvoice(call, {
      customer: String(subscription.customer),
      currency: subscription.currency,
      lines,
      period: { start, end: start },
      reason: 'subscription_create',
      subscription,
    }),
  );
}

/** https://docs.stripe.com/api/subscriptions/create. @throws StripeRefusal 402 when asked to, and nothing is left of it. */
export function createSubscription(call: Call, given: CreateSubscription): WireSubscription {
  if (findCustomer(call, given.customer) === undefined)
    throw noSuchReference('customer', given.customer, 'customer');
  const method = given.default_payment_method;
  if (method !== undefined && call.store.find('payment_method', method)?.customer !== given.customer) {
    throw noSuchReference('PaymentMethod', method, 'default_payment_method');
  }
  if (given.automatic_tax?.enabled) requireLocation(call, given.customer);
  const now = timeOf(call, given.customer);
  const times = timesOf(given, now);
  const made = build(call, given, times, now);
  const isPart = times.end !== undefined && times.start === now;
  const invoice = firstInvoice(call, made, given.proration_behavior === 'none' && isPart);
  const begun = call.change(call.object('subscription', made.id), { latest_invoice: invoice.id });
  call.emit('customer.subscription.created', begun);
  if (given.payment_behavior !== 'default_incomplete' && invoice.status === 'open') {
    const collected = collect(call, invoice, { planned: true });
    if (collected.status !== 'paid' && given.payment_behavior === 'error_if_incomplete') {
      throw new StripeRefusal(402, 'card_error', 'Your card was declined.', { code: 'card_declined' });
    }
  }
  const subscription = call.object('subscription', made.id);
  renewLater(call, subscription);
  return subscription;
}
