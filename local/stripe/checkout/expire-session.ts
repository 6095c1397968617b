import type Stripe from 'stripe';
import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { cancelPaymentIntent } from '../payments/cancel-payment-intent.ts';

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
  const expired = call.store.update<Stripe.Checkout.Session>({ ...session, status: 'expired', url: null });
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
