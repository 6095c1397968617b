import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';
import { hasClock, timeOf } from '../payment-methods/time-of-customer.ts';
import { subscriptionOf } from '../payments/paid-invoices.ts';
import { cancelPaymentIntent } from '../payments/payment-intents.ts';
import type { WireInvoice, WireSubscription } from '../store/kinds.ts';

const DAY_SECONDS = 86_400;
/** After each of the tries, when Stripe tries again; after the last one it ends the subscription. An account can set others. */
const RETRY_DAYS = [3, 5, 7];
/** So long a first invoice can be paid (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses). */
export const INCOMPLETE_SECONDS = 23 * 3600;

const set = (call: Call, subscription: WireSubscription, status: WireSubscription['status']) => {
  const changed = call.change(subscription, { status });
  call.emit('customer.subscription.updated', changed, subscription);
};

/** A try to take the money failed. */
export function afterFailure(call: Call, invoice: WireInvoice, planned: boolean): WireInvoice {
  const subscription = subscriptionOf(call, invoice);
  const now = timeOf(call, String(invoice.customer));
  const begins = subscription?.status === 'incomplete' || subscription?.status === 'paused';
  const days = RETRY_DAYS[invoice.attempt_count - 1];
  const next = !planned || begins || days === undefined ? null : now + days * DAY_SECONDS;
  const failed = planned ? call.change(invoice, { next_payment_attempt: next }) : invoice;
  call.emit('invoice.payment_failed', failed);
  if (next !== null && !hasClock(call, String(invoice.customer)))
    call.later('retry_invoice', invoice.id, (next - now) * 1000);
  // What waits for its payment was not changed yet, so nothing is late.
  const waits = subscription?.pending_update !== null && subscription?.latest_invoice === failed.id;
  if (subscription === undefined || begins || waits) return failed;
  if (planned && next === null) {
    const ended = call.change(subscription, { canceled_at: now, ended_at: now, status: 'canceled' });
    call.emit('customer.subscription.deleted', ended);
  } else if (subscription.status === 'active' || subscription.status === 'trialing') {
    set(call, subscription, 'past_due');
  }
  return failed;
}

/** Nothing is owed on an invoice any more, though nobody paid it: what was late with it goes on. */
export function afterForgiven(call: Call, invoice: WireInvoice): void {
  const subscription = subscriptionOf(call, invoice);
  if (subscription?.latest_invoice !== invoice.id) return;
  if (subscription.status === 'past_due' || subscription.status === 'unpaid')
    set(call, subscription, 'active');
}

/** An invoice that is owed, or was given up, is owed no more. */
export function voidInvoice(call: Call, invoice: WireInvoice): WireInvoice {
  const now = timeOf(call, String(invoice.customer));
  const voided = call.change(invoice, {
    amount_remaining: 0,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...invoice.status_transitions, voided_at: now },
  });
  const intent = call.store.find(
    'payment_intent',
    call.store.privatePart('invoice', invoice.id)?.intent ?? '',
  );
  if (intent !== undefined && intent.status !== 'canceled') cancelPaymentIntent(call, intent, 'void_invoice');
  for (const payment of call.store.page('invoice_payment', fieldIs('invoice', invoice.id), { limit: 10 })
    .data)
    call.change(payment, {
      status: 'canceled',
      status_transitions: { ...payment.status_transitions, canceled_at: now },
    });
  call.emit('invoice.voided', voided);
  afterForgiven(call, voided);
  return voided;
}

/** A first invoice that nobody paid in time, and an update that nobody paid for, are over. */
export function expireUnpaid(call: Call, subscription: WireSubscription, now: number): void {
  const invoice = call.store.find('invoice', String(subscription.latest_invoice));
  if (subscription.status === 'incomplete' && subscription.start_date + INCOMPLETE_SECONDS <= now) {
    const expired = call.change(subscription, { ended_at: now, status: 'incomplete_expired' });
    if (invoice?.status === 'open') voidInvoice(call, invoice);
    call.emit('customer.subscription.updated', expired, subscription);
  } else if (subscription.pending_update !== null && subscription.pending_update.expires_at <= now) {
    const kept = call.change(subscription, { pending_update: null });
    if (invoice?.status === 'open') voidInvoice(call, invoice);
    call.emit('customer.subscription.pending_update_expired', kept);
  }
}

/** When something of it is over by itself. */
export function expiryOf(subscription: WireSubscription): number | undefined {
  if (subscription.status === 'incomplete') return subscription.start_date + INCOMPLETE_SECONDS;
  return subscription.pending_update?.expires_at;
}
