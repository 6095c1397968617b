import type Stripe from 'stripe';
import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';

export const UNEXPECTED_STATE = 'payment_intent_unexpected_state';

const RETURN_URL_NEEDED =
  "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";

/** Refuses to confirm what has ended or is under way. */
export function refuseWrongState(intent: Stripe.PaymentIntent): void {
  if (intent.status === 'succeeded') {
    throw invalidRequest(
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
      { code: UNEXPECTED_STATE, payment_intent: intent },
    );
  }
  if (intent.status === 'canceled' || intent.status === 'processing') {
    throw invalidRequest(
      `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
      { code: UNEXPECTED_STATE, payment_intent: intent },
    );
  }
}

interface Redirecting {
  readonly status: string;
  readonly automatic_payment_methods: { enabled: boolean | null; allow_redirects?: string } | null;
}

/** Stripe.js handles redirects by itself, so only a server has to say where the payer shall return to. */
export function refuseMissingReturnUrl(call: Call, intent: Redirecting, returnUrl: string | undefined): void {
  const { automatic_payment_methods: automatic, status } = intent;
  const redirectsAllowed = automatic?.enabled === true && automatic.allow_redirects !== 'never';
  const returning = status === 'requires_action';
  if (call.keyKind === 'secret' && redirectsAllowed && !returning && returnUrl === undefined) {
    throw invalidRequest(RETURN_URL_NEEDED);
  }
}

export function refuseWrongType(intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  if (intent.payment_method_types.includes(method.type)) return;
  throw invalidRequest(
    `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attach a payment method of one of the following allowed types: ${intent.payment_method_types.join(', ')}. Alternatively update the allowed payment_method_types for this PaymentIntent to include "${method.type}".`,
    { code: 'payment_intent_incompatible_payment_method', payment_intent: intent },
  );
}

/** Stripe.js and hosted pages show the mandate's text themselves; a server has to pass on the consent. */
export function refuseMissingMandate(call: Call, mandateData: object | undefined): void {
  if (call.keyKind !== 'secret' || mandateData !== undefined) return;
  throw invalidRequest(
    'This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the customer and retry the request, providing acceptance data in the mandate_data parameter.',
    { code: 'payment_intent_mandate_invalid' },
  );
}
