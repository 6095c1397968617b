import { z } from 'zod';
import { integer, mergeMetadata, metadata, text } from '../api/form.ts';
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
import { licensedLine } from './lines.ts';
import { periodEnd } from './period-end.ts';
import { renewLater } from './renew-subscription.ts';

const billingMode = z.strictObject({
  type: z.enum(['classic', 'flexible']),
  flexible: z.strictObject({ proration_discounts: z.enum(['included', 'itemized']).optional() }).optional(),
});

export const createParams = {
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
    current_period_end: periodEnd(start, interval, interval_count),
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

function build(call: Call, given: CreateSubscription, start: number): WireSubscription {
  const id = newId('sub');
  const items = given.items.map((item, index) => {
    const price = recurringPrice(call, item.price, `items[${index}][price]`);
    return newItem(call, { price, quantity: item.quantity, subscription: id }, start);
  });
  const currency = checkItems(items);
  const payer = findCustomer(call, given.customer);
  return call.create('subscription', {
    id,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: start,
    billing_mode: {
      type: given.billing_mode?.type ?? 'flexible',
      flexible: { proration_discounts: given.billing_mode?.flexible?.proration_discounts ?? 'included' },
    },
    cancel_at_period_end: false,
    collection_method: 'charge_automatically',
    created: start,
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
    status: 'incomplete',
    test_clock: payer?.test_clock,
    trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
  });
}

/** What is paid in advance of the first period. */
function firstInvoice(call: Call, subscription: WireSubscription): WireInvoice {
  const licensed = subscription.items.data.filter(({ price }) => price.recurring?.usage_type !== 'metered');
  const lines = licensed.map((item) =>
    licensedLine(call, subscription, item, {
      start: item.current_period_start,
      end: item.current_period_end,
    }),
  );
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
  const made = build(call, given, timeOf(call, given.customer));
  const invoice = firstInvoice(call, made);
  const begun = call.change(call.object('subscription', made.id), { latest_invoice: invoice.id });
  call.emit('customer.subscription.created', begun);
  if (given.payment_behavior !== 'default_incomplete' && invoice.status === 'open') {
    const collected = collect(call, invoice);
    if (collected.status !== 'paid' && given.payment_behavior === 'error_if_incomplete') {
      throw new StripeRefusal(402, 'card_error', 'Your card was declined.', { code: 'card_declined' });
    }
  }
  const subscription = call.object('subscription', made.id);
  renewLater(call, subscription);
  return subscription;
}
