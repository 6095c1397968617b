import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import type { WireInvoice, WireSubscription } from '../store/kinds.ts';

/** The subscription that an invoice is of. */
export function subscriptionOf(call: Call, invoice: WireInvoice): WireSubscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return typeof id === 'string' ? call.store.find('subscription', id) : undefined;
}

/** The money of an invoice is there, or there was nothing to pay: its subscription goes on. */
export function markPaid(call: Call, invoice: WireInvoice): WireInvoice {
  const paid = call.change(invoice, {
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: call.nowSeconds },
  });
  call.emit('invoice.paid', paid);
  call.emit('invoice.payment_succeeded', paid);
  const subscription = subscriptionOf(call, paid);
  if (subscription !== undefined && ['incomplete', 'past_due', 'unpaid'].includes(subscription.status)) {
    const active = call.change(subscription, { status: 'active' });
    call.emit('customer.subscription.updated', active, subscription);
  }
  return paid;
}

/** An intent that pays an invoice was paid. */
export function payInvoiceOf(call: Call, intent: Stripe.PaymentIntent): void {
  const ofIntent = { sql: `json_extract(private, '$.intent') = ?`, values: [intent.id] };
  const [invoice] = call.store.page('invoice', [ofIntent], { limit: 1 }).data;
  if (invoice?.status === 'open') markPaid(call, invoice);
}
