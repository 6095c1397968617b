import type Stripe from 'stripe';
import { invalidRequest, type Reply, StripeRefusal } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { newCharge } from './new-charge.ts';
import { markPaymentMethodUsed, type SuppliedMethod, suppliedPaymentMethod } from './payment-methods.ts';
import { AUTHENTICATION_REQUIRED, type Decline, outcomeOf } from './test-cards.ts';

interface Confirmation extends SuppliedMethod {
  readonly return_url?: string | undefined;
  readonly receipt_email?: string | null | undefined;
  readonly off_session?: boolean | undefined;
  readonly error_on_requires_action?: boolean | undefined;
}

const UNEXPECTED_STATE = 'payment_intent_unexpected_state';

const RETURN_URL_NEEDED =
  "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";

function refuseWrongState(intent: Stripe.PaymentIntent): void {
  if (intent.status === 'succeeded') {
    throw invalidRequest(
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
      { code: UNEXPECTED_STATE, payment_intent: intent },
    );
  }
  if (intent.status === 'canceled') {
    throw invalidRequest(
      'You cannot confirm this PaymentIntent because it has a status of canceled. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.',
      { code: UNEXPECTED_STATE, payment_intent: intent },
    );
  }
}

/** Stripe.js handles redirects by itself, so only a server has to say where the payer shall return to. */
function refuseMissingReturnUrl(call: Call, intent: Stripe.PaymentIntent, confirmation: Confirmation): void {
  const redirectsAllowed =
    intent.automatic_payment_methods?.enabled === true &&
    intent.automatic_payment_methods.allow_redirects !== 'never';
  const returning = intent.status === 'requires_action';
  if (call.keyKind === 'secret' && redirectsAllowed && !returning && confirmation.return_url === undefined) {
    throw invalidRequest(RETURN_URL_NEEDED);
  }
}

function methodToCharge(
  call: Call,
  intent: Stripe.PaymentIntent,
  confirmation: Confirmation,
): Stripe.PaymentMethod {
  const supplied = suppliedPaymentMethod(call, confirmation, intent);
  if (supplied !== undefined) return supplied;
  const attached =
    typeof intent.payment_method === 'string'
      ? call.store.find('payment_method', intent.payment_method)
      : undefined;
  if (attached !== undefined) return attached;
  throw invalidRequest(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    { code: UNEXPECTED_STATE, payment_intent: intent },
  );
}

function decline(
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

function askForAuthentication(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Reply {
  const waiting = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    last_payment_error: null,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } },
    payment_method: method.id,
    status: 'requires_action',
  });
  call.emit('payment_intent.requires_action', waiting);
  return ok(waiting);
}

function succeed(call: Call, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Reply {
  const charge = newCharge(call, intent, method);
  const paid = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  });
  markPaymentMethodUsed(call, method.id);
  call.emit('charge.succeeded', charge);
  call.emit('payment_intent.succeeded', paid);
  return ok(paid);
}

/**
 * Tries to take the money (https://docs.stripe.com/api/payment_intents/confirm). A card that needs its
 * holder's authentication asks for it once; confirming again counts as authenticated.
 * @returns 200 with the intent, succeeded or requires_action; or 402 with the decline, which is recorded.
 */
export function confirmPaymentIntent(
  call: Call,
  intent: Stripe.PaymentIntent,
  confirmation: Confirmation,
): Reply {
  refuseWrongState(intent);
  refuseMissingReturnUrl(call, intent, confirmation);
  const method = methodToCharge(call, intent, confirmation);
  const { receipt_email: receiptEmail } = confirmation;
  const current = receiptEmail === undefined ? intent : { ...intent, receipt_email: receiptEmail };
  const outcome = outcomeOf(call.store.privatePart('payment_method', method.id)?.testCard ?? '');
  if (outcome === 'succeeds') return succeed(call, current, method);
  if (outcome !== 'requires_action') return decline(call, current, method, outcome);
  if (intent.status === 'requires_action') return succeed(call, current, method);
  if (confirmation.off_session || confirmation.error_on_requires_action) {
    return decline(call, current, method, AUTHENTICATION_REQUIRED);
  }
  return askForAuthentication(call, current, method);
}
