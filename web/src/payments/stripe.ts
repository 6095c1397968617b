import type { PaymentIntentResult, Stripe, StripeElements, StripeError } from '@stripe/stripe-js';
// Not the main entry, which loads Stripe.js as soon as it is imported.
import { loadStripe } from '@stripe/stripe-js/pure';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { Words } from '../words/words.ts';

/**
 * How confirming a payment ended.
 * - `unknown`: no answer, or one that does not say; the payment may have gone through.
 * - `declined`: certainly not paid; the same payment may be tried again with other details.
 */
export type Outcome =
  | { kind: 'succeeded' }
  | { kind: 'processing' }
  | { kind: 'declined'; why: Why }
  | { kind: 'unknown'; why: Why };

/** In the page's words, or in those of Stripe, which speaks the language of the browser. */
export type Why = keyof Words['buy']['outcomes'] | { told: string };

const UNKNOWN_TYPES = new Set(['api_error', 'api_connection_error', 'idempotency_error', 'rate_limit_error']);

/** When no answer came, or none that can be read. */
export const LOST_ANSWER: Outcome = { kind: 'unknown', why: 'lost' };

/** Reads a confirmation's answer: the intent's status, or the error. */
function outcomeOf({ paymentIntent, error }: PaymentIntentResult): Outcome {
  // Confirming what is already paid is an error whose intent says so: a lost answer, found again.
  const status = paymentIntent?.status ?? error?.payment_intent?.status;
  if (status === 'succeeded') return { kind: 'succeeded' };
  if (status === 'processing') return { kind: 'processing' };
  if (status === 'requires_action') {
    return { kind: 'declined', why: 'oneMoreStep' };
  }
  if (status === 'canceled') {
    return { kind: 'declined', why: 'canceled' };
  }
  if (!error || UNKNOWN_TYPES.has(error.type)) return LOST_ANSWER;
  return { kind: 'declined', why: error.message === undefined ? 'declined' : { told: error.message } };
}

/** Stripe.js did not come: no connection, or a blocker of scripts. */
export class FormNotLoaded extends Error {
  override readonly name = 'FormNotLoaded';
  constructor(options: ErrorOptions) {
    super('Stripe.js cannot be loaded', options);
  }
}

let opened: Promise<Stripe> | null = null;

/**
 * Stripe.js, loaded when somebody pays for the first time, and always from where Stripe serves it: it may be neither
 * bundled nor served by us (https://docs.stripe.com/js/including). Throws FormNotLoaded.
 */
export function openStripe(config: PageConfig['stripe']): Promise<Stripe> {
  opened ??= load(config).catch((cause: unknown) => {
    // The next try may have a connection.
    opened = null;
    throw new FormNotLoaded({ cause });
  });
  return opened;
}

async function load({ publishable_key, js_url }: PageConfig['stripe']): Promise<Stripe> {
  // Stripe's library takes a Stripe.js that is there already, and else loads it from the address that it knows.
  if (js_url !== null && window.Stripe === undefined) await addScript(js_url);
  const stripe = await loadStripe(publishable_key);
  if (stripe === null) throw new Error('Stripe.js did not start');
  return stripe;
}

function addScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error(`cannot load ${address}`));
    };
    document.head.append(script);
  });
}

/** Confirms with what was typed into Stripe's form. Rejects when no readable answer came. */
export async function confirmForm(
  stripe: Stripe,
  elements: StripeElements,
  returnUrl: string,
): Promise<Outcome> {
  // Whether the card is kept was told to Stripe by the server, a moment ago.
  const { error } = await elements.fetchUpdates();
  if (error) return outcomeOf({ error: error as StripeError });
  const confirmParams = { return_url: returnUrl };
  return outcomeOf(await stripe.confirmPayment({ elements, confirmParams, redirect: 'if_required' }));
}

/** Confirms with a kept card; Stripe.js may ask for 3-D Secure. Rejects when no readable answer came. */
export async function confirmSavedCard(
  config: PageConfig['stripe'],
  clientSecret: string,
  cardId: string,
  returnUrl: string,
): Promise<Outcome> {
  let stripe: Stripe;
  try {
    stripe = await openStripe(config);
  } catch {
    // Nothing was sent yet.
    return { kind: 'declined', why: 'notLoaded' };
  }
  const confirmParams = { payment_method: cardId, return_url: returnUrl };
  return outcomeOf(await stripe.confirmPayment({ clientSecret, confirmParams, redirect: 'if_required' }));
}
