import type Stripe from 'stripe';
import { onlyGiven } from '../api/form.ts';
import { invalidRequest, type Reply } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { AUTHENTICATION_REQUIRED, outcomeOf } from '../payment-methods/test-cards.ts';
import {
  privatePartOf,
  type SuppliedMethod,
  suppliedPaymentMethod,
} from '../payment-methods/use-payment-method.ts';
import {
  authenticationAction,
  refuseMissingMandate,
  refuseMissingReturnUrl,
  refuseWrongState,
  refuseWrongType,
  UNEXPECTED_STATE,
} from './confirmation-rules.ts';
import { declinePayment, startDebit, succeedPayment } from './settle-payment.ts';

export interface Confirmation extends SuppliedMethod {
  readonly return_url?: string | undefined;
  readonly use_stripe_sdk?: boolean | undefined;
  readonly receipt_email?: string | null | undefined;
  readonly off_session?: boolean | undefined;
  readonly error_on_requires_action?: boolean | undefined;
  readonly setup_future_usage?: 'off_session' | 'on_session' | null | undefined;
  readonly mandate_data?: object | undefined;
}

function methodToCharge(
  call: Call,
  intent: Stripe.PaymentIntent,
  confirmation: Confirmation,
): Stripe.PaymentMethod {
  const customer = typeof intent.customer === 'string' ? intent.customer : undefined;
  const supplied = suppliedPaymentMethod(call, confirmation, {
    shown: { payment_intent: intent },
    customer,
  });
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

function askForAuthentication(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  confirmation: Confirmation,
): Reply {
  const waiting = call.change(intent, {
    last_payment_error: null,
    next_action: authenticationAction(call, intent, confirmation),
    payment_method: method.id,
    status: 'requires_action',
  });
  call.emit('payment_intent.requires_action', waiting);
  return ok(waiting);
}

/**
 * Tries to take the money (https://docs.stripe.com/api/payment_intents/confirm). A card that needs its
 * holder's authentication asks for it once; confirming again counts as authenticated.
 * @returns 200 with the intent, succeeded, processing or requires_action; or 402 with the decline, which is
 * recorded.
 */
export function confirmPaymentIntent(
  call: Call,
  intent: Stripe.PaymentIntent,
  confirmation: Confirmation,
): Reply {
  refuseWrongState(intent);
  refuseMissingReturnUrl(call, intent, confirmation.return_url);
  const method = methodToCharge(call, intent, confirmation);
  refuseWrongType(intent, method);
  const { receipt_email, setup_future_usage } = confirmation;
  const current = { ...intent, ...onlyGiven({ receipt_email, setup_future_usage }) };
  if (method.type === 'us_bank_account') {
    refuseMissingMandate(call, confirmation.mandate_data);
    return startDebit(call, current, method);
  }
  const { testName, setUp } = privatePartOf(call, method.id);
  const outcome = outcomeOf(testName, {
    setUp,
    offSession: confirmation.off_session === true,
    authenticated: intent.status === 'requires_action',
  });
  if (outcome === 'succeeds') return succeedPayment(call, current, method);
  if (outcome !== 'requires_action') return declinePayment(call, current, method, outcome);
  if (confirmation.off_session || confirmation.error_on_requires_action) {
    return declinePayment(call, current, method, AUTHENTICATION_REQUIRED);
  }
  return askForAuthentication(call, current, method, confirmation);
}
