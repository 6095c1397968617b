import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';

/**
 * Tells the Checkout session, if the intent belongs to one, what became of the payment: completed when it is
 * paid or a debit is under way; then paid, or failed, when the debit ends
 * (https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-notification-payment-methods).
 */
export function followPayment(call: Call, intent: Stripe.PaymentIntent): void {
  const ofIntent = fieldIs('payment_intent', intent.id);
  const session = call.store.page('checkout.session', ofIntent, { limit: 1 }).data[0];
  if (session === undefined) return;
  const paid = intent.status === 'succeeded';
  if (session.status === 'open' && (paid || intent.status === 'processing')) {
    const completed = call.store.update<Stripe.Checkout.Session>({
      ...session,
      payment_status: paid ? 'paid' : 'unpaid',
      status: 'complete',
      url: null,
    });
    call.emit('checkout.session.completed', completed);
    return;
  }
  if (session.status !== 'complete' || session.payment_status !== 'unpaid') return;
  if (paid) {
    const settled = call.store.update<Stripe.Checkout.Session>({ ...session, payment_status: 'paid' });
    call.emit('checkout.session.async_payment_succeeded', settled);
  } else {
    call.emit('checkout.session.async_payment_failed', session);
  }
}
