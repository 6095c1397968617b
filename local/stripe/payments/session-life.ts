import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { payInvoiceOf } from './paid-invoices.ts';
import { cancelPaymentIntent } from './payment-intents.ts';

/**
 * https://docs.stripe.com/api/checkout/sessions/expire; a payment that was begun and declined is canceled too.
 * @throws StripeRefusal 400 unless the session is open.
 */
export function expire(call: Call, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  if (session.status !== 'open') {
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    );
  }
  const expired = call.change(session, {
    status: 'expired',
    url: null,
  });
  const intent = call.store.find('payment_intent', String(session.payment_intent));
  if (intent !== undefined && intent.status !== 'canceled') cancelPaymentIntent(call, intent, 'abandoned');
  call.emit('checkout.session.expired', expired);
  return expired;
}

/** The time of a session is over. */
export function expireSession(call: Call, sessionId: string): void {
  const session = call.store.find('checkout.session', sessionId);
  if (session?.status === 'open') expire(call, session);
}

/**
 * Tells the Checkout session, if the intent belongs to one, what became of the payment: completed when it is
 * paid or a debit is under way; then paid, or failed, when the debit ends
 * (https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-notification-payment-methods).
 */
export function followPayment(call: Call, intent: Stripe.PaymentIntent): void {
  if (intent.status === 'succeeded') payInvoiceOf(call, intent);
  const ofIntent = fieldIs('payment_intent', intent.id);
  const session = call.store.page('checkout.session', ofIntent, { limit: 1 }).data[0];
  if (session === undefined) return;
  const paid = intent.status === 'succeeded';
  if (session.status === 'open' && (paid || intent.status === 'processing')) {
    const completed = call.change(session, {
      payment_status: paid ? 'paid' : 'unpaid',
      status: 'complete',
      url: null,
    });
    call.emit('checkout.session.completed', completed);
    return;
  }
  if (session.status !== 'complete' || session.payment_status !== 'unpaid') return;
  if (paid) {
    const settled = call.change(session, {
      payment_status: 'paid',
    });
    call.emit('checkout.session.async_payment_succeeded', settled);
  } else {
    call.emit('checkout.session.async_payment_failed', session);
  }
}
