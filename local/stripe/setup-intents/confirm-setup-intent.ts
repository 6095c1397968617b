import type Stripe from 'stripe';
import { invalidRequest, type Reply, StripeRefusal } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { authenticationAction } from '../authentication/next-action.ts';
import { attachAllowed } from '../payment-methods/attach-payment-method.ts';
import {
  markSetUp,
  privatePartOf,
  type SuppliedMethod,
  suppliedPaymentMethod,
} from '../payment-methods/supplied-payment-method.ts';
import type { Decline } from '../payment-methods/test-card-table.ts';
import { setupOutcomeOf } from '../payment-methods/test-cards.ts';
import { refuseMissingReturnUrl } from '../payments/confirmation-rules.ts';

interface Confirmation extends SuppliedMethod {
  readonly return_url?: string | undefined;
  readonly use_stripe_sdk?: boolean | undefined;
}

const UNEXPECTED_STATE = 'setup_intent_unexpected_state';

function methodToSetUp(
  call: Call,
  intent: Stripe.SetupIntent,
  confirmation: Confirmation,
): Stripe.PaymentMethod {
  const customer = typeof intent.customer === 'string' ? intent.customer : undefined;
  const shown = { setup_intent: intent };
  const supplied = suppliedPaymentMethod(call, confirmation, { shown, customer });
  const attached =
    typeof intent.payment_method === 'string'
      ? call.store.find('payment_method', intent.payment_method)
      : undefined;
  const method = supplied ?? attached;
  if (method !== undefined) return method;
  throw invalidRequest(
    "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
    { code: UNEXPECTED_STATE, setup_intent: intent },
  );
}

/** The card is not kept, and the intent can be tried with another one. */
export function failSetup(
  call: Call,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  reason: Decline,
): Reply {
  const error = { ...reason, payment_method: method };
  const failed = call.store.update<Stripe.SetupIntent>({
    ...intent,
    last_setup_error: { type: 'card_error', ...error },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('setup_intent.setup_failed', failed);
  return new StripeRefusal(402, 'card_error', reason.message, { ...error, setup_intent: failed }).toReply();
}

/** Keeps the method for the customer, authenticated for the use that was asked for. */
function succeedSetup(call: Call, intent: Stripe.SetupIntent, method: Stripe.PaymentMethod): Reply {
  const done = call.store.update<Stripe.SetupIntent>({
    ...intent,
    last_setup_error: null,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  });
  if (typeof intent.customer === 'string') attachAllowed(call, method, intent.customer);
  if (intent.usage === 'off_session') markSetUp(call, method.id);
  call.emit('setup_intent.succeeded', done);
  return ok(done);
}

/**
 * https://docs.stripe.com/api/setup_intents/confirm
 * @returns 200 with the intent, succeeded or requires_action; or 402 with the bank's refusal, recorded.
 */
export function confirmSetupIntent(
  call: Call,
  intent: Stripe.SetupIntent,
  confirmation: Confirmation,
): Reply {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      intent.status === 'succeeded'
        ? 'You cannot confirm this SetupIntent because it has already succeeded.'
        : 'You cannot confirm this SetupIntent because it has a status of canceled.',
      { code: UNEXPECTED_STATE, setup_intent: intent },
    );
  }
  refuseMissingReturnUrl(call, intent, confirmation.return_url);
  const method = methodToSetUp(call, intent, confirmation);
  const { testName } = privatePartOf(call, method.id);
  const outcome =
    method.type === 'card' ? setupOutcomeOf(testName, intent.status === 'requires_action') : 'succeeds';
  if (outcome === 'succeeds') return succeedSetup(call, intent, method);
  if (outcome !== 'requires_action') return failSetup(call, intent, method, outcome);
  const waiting = call.store.update<Stripe.SetupIntent>({
    ...intent,
    last_setup_error: null,
    next_action: authenticationAction(call, intent, confirmation),
    payment_method: method.id,
    status: 'requires_action',
  });
  call.emit('setup_intent.requires_action', waiting);
  return ok(waiting);
}
