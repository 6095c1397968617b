import type Stripe from 'stripe';
import { invalidRequest, type Reply } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';

/** https://docs.stripe.com/api/payment_intents/cancel; what has succeeded is refunded, not canceled. */
export function cancelPaymentIntent(
  call: Call,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | undefined,
): Reply {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      { code: 'payment_intent_unexpected_state', payment_intent: intent },
    );
  }
  const canceled = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    canceled_at: call.nowSeconds,
    cancellation_reason: reason ?? null,
    next_action: null,
    status: 'canceled',
  });
  call.emit('payment_intent.canceled', canceled);
  return ok(canceled);
}
