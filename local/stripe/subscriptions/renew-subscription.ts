import type { Call } from '../api/route.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import { hasClock } from '../payment-methods/time-of-customer.ts';
import type { WireInvoice, WireInvoiceLine, WireSubscription, WireSubscriptionItem } from '../store/kinds.ts';
import { draftInvoice, finalizeLater } from './invoices.ts';
import { licensedLine, meteredLine } from './lines.ts';
import { dayOf, periodEnd } from './period-end.ts';

const GONE = ['canceled', 'incomplete', 'incomplete_expired', 'paused'];

/** Until when the current period of a subscription goes. */
export const endOf = (subscription: WireSubscription): number =>
  Math.min(...subscription.items.data.map((item) => item.current_period_end));

const startOf = (subscription: WireSubscription): number =>
  Math.min(...subscription.items.data.map((item) => item.current_period_start));

const isMetered = (item: WireSubscriptionItem) => item.price.recurring?.usage_type === 'metered';

/** Plans the end of the period, unless time is moved by hand. */
export function renewLater(call: Call, subscription: WireSubscription): void {
  if (hasClock(call, String(subscription.customer))) return;
  call.later('renew_subscription', subscription.id, (endOf(subscription) - call.nowSeconds) * 1000);
}

/** Ends it, with an invoice about what was used and not billed yet. */
export function endSubscription(
  call: Call,
  subscription: WireSubscription,
  at: number,
  invoiceNow: boolean,
): WireSubscription {
  const period = { start: startOf(subscription), end: at };
  const lines = subscription.items.data
    .filter(isMetered)
    .map((item) => meteredLine(call, subscription, item, period));
  if (invoiceNow && lines.length > 0 && period.end > period.start) {
    const { currency, customer } = subscription;
    const invoice = draftInvoice(call, {
      ...{ customer: String(customer), currency, lines, period, subscription },
      reason: 'subscription_cycle',
    });
    finalizeLater(call, invoice);
  }
  const ended = call.change(subscription, {
    canceled_at: subscription.canceled_at ?? at,
    ended_at: at,
    status: 'canceled',
  });
  call.emit('customer.subscription.deleted', ended);
  return ended;
}

/** A trial of somebody who left no card ends as the subscription says; undefined where it goes on. */
function endOfTrial(call: Call, subscription: WireSubscription, end: number): WireSubscription | undefined {
  const { default_payment_method: own, trial_settings: settings, status } = subscription;
  const { missing_payment_method: then } = settings?.end_behavior ?? {};
  if (status !== 'trialing' || then === undefined || then === 'create_invoice') return undefined;
  const payer = findCustomer(call, String(subscription.customer));
  if (own !== null || typeof payer?.invoice_settings?.default_payment_method === 'string') return undefined;
  if (then === 'cancel') return endSubscription(call, subscription, end, false);
  const paused = call.change(subscription, { status: 'paused' });
  call.emit('customer.subscription.paused', paused, subscription);
  call.emit('customer.subscription.updated', paused, subscription);
  return paused;
}

/** The invoice that the end of the period will bring; undefined where it ends then, and nothing was used. */
export function nextInvoice(call: Call, subscription: WireSubscription): WireInvoice | undefined {
  const renewed = renewOnce(call, subscription);
  const id = String(renewed.latest_invoice);
  return id === subscription.latest_invoice ? undefined : call.store.find('invoice', id);
}

/** One period is over: what was used in it is billed, and what is paid in advance for the next. */
function renewOnce(call: Call, subscription: WireSubscription): WireSubscription {
  const end = endOf(subscription);
  if (subscription.cancel_at_period_end || (subscription.cancel_at ?? Number.POSITIVE_INFINITY) <= end) {
    return endSubscription(call, subscription, end, true);
  }
  const withoutCard = endOfTrial(call, subscription, end);
  if (withoutCard !== undefined) return withoutCard;
  const items = subscription.items.data.map((item) => {
    const { interval, interval_count } = item.price.recurring ?? { interval: 'month', interval_count: 1 };
    return {
      ...item,
      current_period_start: end,
      current_period_end: periodEnd(end, interval, interval_count, dayOf(subscription)),
    };
  });
  const renewed = call.change(subscription, {
    items: { ...subscription.items, data: items },
    ...(subscription.status === 'trialing' ? { status: 'active' as const } : {}),
  });
  const lines = subscription.items.data.map((item, index): WireInvoiceLine => {
    const before = { start: item.current_period_start, end };
    const after = { start: end, end: items[index]?.current_period_end ?? end };
    return isMetered(item)
      ? meteredLine(call, renewed, item, before)
      : licensedLine(call, renewed, item, after);
  });
  const invoice = draftInvoice(call, {
    customer: String(renewed.customer),
    currency: renewed.currency,
    lines,
    period: { start: startOf(subscription), end },
    reason: 'subscription_cycle',
    subscription: renewed,
  });
  const known = call.change(renewed, { latest_invoice: invoice.id });
  call.emit('customer.subscription.updated', known, subscription);
  finalizeLater(call, invoice);
  return known;
}

/** Bills every period that is over by then. */
export function renewUntil(call: Call, subscriptionId: string, now: number): void {
  let subscription = call.store.find('subscription', subscriptionId);
  while (subscription !== undefined && !GONE.includes(subscription.status) && endOf(subscription) <= now) {
    subscription = renewOnce(call, subscription);
  }
}

/** The end of a period has come by itself. */
export function renewSubscription(call: Call, subscriptionId: string): void {
  const subscription = call.store.find('subscription', subscriptionId);
  if (subscription === undefined || GONE.includes(subscription.status)) return;
  renewUntil(call, subscriptionId, Math.max(call.nowSeconds, endOf(subscription)));
  const renewed = call.store.find('subscription', subscriptionId);
  if (renewed !== undefined && !GONE.includes(renewed.status)) renewLater(call, renewed);
}
