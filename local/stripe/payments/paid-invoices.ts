import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import type { WireInvoice, WireSubscription, WireSubscriptionItem } from '../store/kinds.ts';

/** The subscription that an invoice is of. */
export function subscriptionOf(call: Call, invoice: WireInvoice): WireSubscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return typeof id === 'string' ? call.store.find('subscription', id) : undefined;
}

/** A change that waited for its invoice to be paid happens now. */
function applyPendingUpdate(call: Call, subscription: WireSubscription): void {
  const items = subscription.pending_update?.subscription_items as unknown as WireSubscriptionItem[];
  const changed = call.change(subscription, {
    items: { ...subscription.items, data: items },
    pending_update: null,
  });
  call.emit('customer.subscription.pending_update_applied', changed);
  call.emit('customer.subscription.updated', changed, subscription);
}

/** The money of an invoice is there, or there was nothing to pay: its subscription goes on. */
export function markPaid(call: Call, invoice: WireInvoice): WireInvoice {
  const now = timeOf(call, String(invoice.customer));
  const paid = call.change(invoice, {
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  });
  call.emit('invoice.paid', paid);
  call.emit('invoice.payment_succeeded', paid);
  for (const payment of call.store.page('invoice_payment', fieldIs('invoice', paid.id), { limit: 10 }).data)
    call.change(payment, {
      amount_paid: paid.amount_paid,
      status: 'paid',
      status_transitions: { ...payment.status_transitions, paid_at: now },
    });
  const subscription = subscriptionOf(call, paid);
  if (subscription === undefined) return paid;
  const isLatest = subscription.latest_invoice === paid.id;
  if (
    ['incomplete', 'past_due', 'unpaid'].includes(subscription.status) ||
    (subscription.status === 'paused' && isLatest)
  ) {
    const active = call.change(subscription, { status: 'active' });
    call.emit('customer.subscription.updated', active, subscription);
  }
  if (isLatest && subscription.pending_update !== null) applyPendingUpdate(call, subscription);
  return paid;
}

/** An intent that pays an invoice was paid. */
export function payInvoiceOf(call: Call, intent: Stripe.PaymentIntent): void {
  const ofIntent = { sql: `json_extract(private, '$.intent') = ?`, values: [intent.id] };
  const [invoice] = call.store.page('invoice', [ofIntent], { limit: 1 }).data;
  if (invoice?.status === 'open' || invoice?.status === 'uncollectible') markPaid(call, invoice);
}
