import type Stripe from 'stripe';
import { type Reply, StripeRefusal } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { followPayment } from '../checkout/follow-payment.ts';
import { attachAllowed } from '../payment-methods/attach-payment-method.ts';
import { markSetUp, markUsed, privatePartOf } from '../payment-methods/supplied-payment-method.ts';
import type { Decline } from '../payment-methods/test-card-table.ts';
import { testCard } from '../payment-methods/test-cards.ts';
import { newCharge } from './new-charge.ts';

/** Records that the bank refused, and answers 402 with the intent, which can be tried with another method. */
export function declinePayment(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  reason: Decline,
): Reply {
  const charge = newCharge(call, intent, method, reason);
  const error = { charge: charge.id, ...reason, payment_method: method };
  const failed = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    last_payment_error: { type: 'card_error', ...error },
    latest_charge: charge.id,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('charge.failed', charge);
  call.emit('payment_intent.payment_failed', failed);
  return new StripeRefusal(402, 'card_error', reason.message, { ...error, payment_intent: failed }).toReply();
}

/**
 * After a payment a method belongs to the customer, when its holder agreed to keep it; else, unless it
 * belonged to them already, it is used up.
 */
function keepOrUseUp(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  if (intent.setup_future_usage === null || typeof intent.customer !== 'string') {
    markUsed(call, method);
    return;
  }
  attachAllowed(call, method, intent.customer);
  if (intent.setup_future_usage === 'off_session') markSetUp(call, method.id);
}

function received(intent: Stripe.PaymentIntent, chargeId: string, methodId: string): Stripe.PaymentIntent {
  return {
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: chargeId,
    next_action: null,
    payment_method: methodId,
    processing: null,
    status: 'succeeded',
  };
}

/** Records that a card was charged, with the dispute that some test cards bring along. */
export function succeedPayment(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Reply {
  const charge = newCharge(call, intent, method);
  const paid = call.store.update(received(intent, charge.id, method.id));
  keepOrUseUp(call, intent, method);
  if (testCard(privatePartOf(call, method.id).testName).dispute !== undefined) {
    call.later('open_dispute', charge.id);
  }
  call.emit('charge.succeeded', charge);
  call.emit('payment_intent.succeeded', paid);
  followPayment(call, paid);
  return ok(paid);
}

/** A debit of a bank account: nobody knows yet whether the money will come. */
export function startDebit(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Reply {
  const charge = newCharge(call, intent, method, 'pending');
  const processing = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'processing',
  });
  keepOrUseUp(call, intent, method);
  call.later('settle_debit', charge.id);
  call.emit('charge.pending', charge);
  call.emit('payment_intent.processing', processing);
  followPayment(call, processing);
  return ok(processing);
}

/** Ends a debit: paid, or sent back by the bank with the failure. */
export function settleDebit(
  call: Call,
  charge: Stripe.Charge,
  intent: Stripe.PaymentIntent,
  failure: Decline | undefined,
): void {
  if (failure === undefined) {
    const settled = call.store.update<Stripe.Charge>({ ...charge, paid: true, status: 'succeeded' });
    const paid = call.store.update(received(intent, charge.id, String(intent.payment_method)));
    call.emit('charge.succeeded', settled);
    call.emit('payment_intent.succeeded', paid);
    followPayment(call, paid);
    return;
  }
  const failed = call.store.update<Stripe.Charge>({
    ...charge,
    amount_captured: 0,
    captured: false,
    failure_code: failure.code,
    failure_message: failure.message,
    paid: false,
    status: 'failed',
  });
  const method = call.store.find('payment_method', String(intent.payment_method));
  const open = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    last_payment_error: {
      type: 'invalid_request_error',
      charge: charge.id,
      code: failure.code,
      message: failure.message,
      ...(method === undefined ? {} : { payment_method: method }),
    },
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('charge.failed', failed);
  call.emit('payment_intent.payment_failed', open);
  followPayment(call, open);
}
