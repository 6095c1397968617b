import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { type Quantity, readQuantity, SCALE, scaled } from '../meters/quantity.ts';
import { metered } from '../meters/summaries.ts';
import {
  newId,
  type WireInvoiceItem,
  type WireInvoiceLine,
  type WirePrice,
  type WireSubscription,
  type WireSubscriptionItem,
} from '../store/kinds.ts';
import { dayOf, periodEnd, periodStart } from './period-end.ts';

/** Cents for so many at so much each, rounded once, half away from zero. */
export function amountOf(quantity: Quantity, unitAmountDecimal: string): number {
  const unit = readQuantity(unitAmountDecimal);
  if (typeof unit === 'string') throw new Error(`no amount: ${unitAmountDecimal}`);
  const product = scaled(quantity) * scaled(unit);
  const one = SCALE * SCALE;
  const half = product < 0n ? -one / 2n : one / 2n;
  return Number((product + half) / one);
}

export const wholeQuantity = (quantity: number): Quantity => ({ whole: BigInt(quantity), fraction: 0n });

interface Period {
  readonly start: number;
  readonly end: number;
}

function newLine(
  fields: Pick<WireInvoiceLine, 'amount' | 'currency' | 'description' | 'period' | 'parent' | 'quantity'> & {
    readonly price?: WirePrice;
    readonly subscription?: string;
    readonly unitAmountDecimal?: string | null;
    readonly metadata?: Stripe.Metadata;
  },
): WireInvoiceLine {
  const { price, subscription, unitAmountDecimal, ...rest } = fields;
  const unit = price?.unit_amount_decimal ?? unitAmountDecimal;
  return fill<WireInvoiceLine>('line_item', {
    ...rest,
    id: newId('il'),
    discountable: true,
    quantity_decimal: rest.quantity === null ? null : String(rest.quantity),
    subtotal: rest.amount,
    ...(subscription === undefined ? {} : { subscription }),
    ...(unit === undefined || unit === null
      ? {}
      : {
          pricing: {
            ...(price === undefined
              ? {}
              : { price_details: { price: price.id, product: String(price.product) } }),
            unit_amount_decimal: unit,
          },
        }),
  });
}

/** Of a line that an item of a subscription brings, in full. */
const parentOf = (subscription: string, item: string) => ({
  type: 'subscription_item_details',
  invoice_item_details: null,
  subscription_item_details: {
    invoice_item: null,
    proration: false,
    proration_details: null,
    subscription,
    subscription_item: item,
  },
});

/** What a meter has counted for an item in a period, at its price. */
export function meteredLine(
  call: Call,
  subscription: WireSubscription,
  item: WireSubscriptionItem,
  period: Period,
): WireInvoiceLine {
  const meter = call.store.find('billing.meter', String(item.price.recurring?.meter));
  if (meter === undefined) throw new Error(`no meter for ${item.price.id}`);
  const used = metered(call, { meter, customer: String(subscription.customer), ...period });
  const name = call.store.find('product', String(item.price.product))?.name ?? '';
  return newLine({
    amount: amountOf(used, item.price.unit_amount_decimal ?? '0'),
    currency: item.price.currency,
    description: `${used.whole} × ${name}`,
    period,
    price: item.price,
    quantity: Number(used.whole),
    subscription: subscription.id,
    parent: parentOf(subscription.id, item.id),
  });
}

/** What is paid in advance for an item. */
export function licensedLine(
  call: Call,
  subscription: WireSubscription,
  item: WireSubscriptionItem,
  period: Period,
): WireInvoiceLine {
  const quantity = item.quantity ?? 1;
  const name = call.store.find('product', String(item.price.product))?.name ?? '';
  const whole = amountOf(wholeQuantity(quantity), item.price.unit_amount_decimal ?? '0');
  const { interval, interval_count } = item.price.recurring ?? { interval: 'month', interval_count: 1 };
  const from = periodStart(period.end, interval, interval_count, dayOf(subscription));
  const isWhole = period.start === from || periodEnd(period.start, interval, interval_count) === period.end;
  return newLine({
    amount: isWhole ? whole : Math.round((whole * (period.end - period.start)) / (period.end - from)),
    currency: item.price.currency,
    description: `${quantity} × ${name}`,
    period,
    price: item.price,
    quantity,
    subscription: subscription.id,
    parent: parentOf(subscription.id, item.id),
  });
}

/** The time that is tried costs nothing. */
export function trialLine(
  call: Call,
  subscription: WireSubscription,
  item: WireSubscriptionItem,
  period: Period,
): WireInvoiceLine {
  const line = licensedLine(call, subscription, item, period);
  const name = call.store.find('product', String(item.price.product))?.name ?? '';
  return { ...line, amount: 0, subtotal: 0, description: `Trial period for ${name}` };
}

/** An item that waited for the next invoice. */
export function lineOfItem(item: WireInvoiceItem): WireInvoiceLine {
  return newLine({
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    period: item.period,
    quantity: item.quantity,
    unitAmountDecimal: item.pricing?.unit_amount_decimal ?? null,
    metadata: item.metadata ?? {},
    parent: {
      type: 'invoice_item_details',
      invoice_item_details: {
        invoice_item: item.id,
        proration: item.proration,
        proration_details: null,
        subscription: item.parent?.subscription_details?.subscription ?? null,
      },
      subscription_item_details: null,
    },
  });
}
