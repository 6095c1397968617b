import type Stripe from 'stripe';
import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import type { StoredObjects } from '../store/kinds.ts';

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

/** Where the holder of a card authenticates, in the place of their bank's own page. */
function challengeUrl(call: Call, intent: { id: string; client_secret: string | null }): string {
  return `${call.baseUrl}/3d-secure/${intent.id}?client_secret=${intent.client_secret ?? ''}`;
}

interface Wish {
  readonly return_url?: string | undefined;
  readonly use_stripe_sdk?: boolean | undefined;
}

/**
 * What a payer has to do next: a page to open when the request said where to return to, else something for
 * Stripe.js (https://docs.stripe.com/payments/3d-secure/authentication-flow).
 */
export function authenticationAction(
  call: Call,
  intent: { id: string; client_secret: string | null },
  wish: Wish,
) {
  const url = challengeUrl(call, intent);
  if (wish.return_url !== undefined && wish.use_stripe_sdk !== true) {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: wish.return_url, url } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
  };
}

/**
 * The intent in the path, for those who hold its client secret where one is needed or given.
 * @throws StripeRefusal 404, or 400 when the secret is not this intent's own
 */
export function intentWithSecret<K extends 'payment_intent' | 'setup_intent'>(
  call: Call,
  kind: K,
  clientSecret: string | undefined,
): StoredObjects[K] {
  const intent = call.object(kind);
  if (clientSecret === undefined || intent.client_secret === clientSecret) return intent;
  const name = kind === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent';
  throw invalidRequest(
    `The client_secret provided does not match the client_secret associated with the ${name}.`,
    { code: `${kind}_invalid_parameter`, param: 'client_secret' },
  );
}
