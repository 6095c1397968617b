import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';
import { ProviderMisconfigured, ProviderRefusal } from '../base/failures.ts';

const TIMEOUT_MS = 5_000;
/** Also how often a request is sent again while another one holds its idempotency key. */
const MAX_REPEATS = 2;

/** Stripe, or the local server that stands in for it. */
export function createStripeClient(config: SidecarConfig): Stripe {
  const options = { timeout: TIMEOUT_MS, maxNetworkRetries: MAX_REPEATS, telemetry: false };
  const { STRIPE_API_URL: address, STRIPE_SECRET_KEY: secretKey } = config;
  if (address === undefined) return new Stripe(secretKey, options);
  const { hostname: host, port, protocol } = new URL(address);
  const [name, usualPort] = protocol === 'https:' ? (['https', 443] as const) : (['http', 80] as const);
  return new Stripe(secretKey, { ...options, host, protocol: name, port: port === '' ? usualPort : port });
}

/** Refusals that end by themselves, or when it is asked for something else. */
const PASSING = ['resource_missing', 'lock_timeout', 'idempotency_key_in_use', 'rate_limit'];

/** What somebody has to do, by the codes of Stripe (https://docs.stripe.com/error-codes). */
const REMEDIES: Readonly<Record<string, string>> = {
  email_invalid: 'the person has to change the e-mail address of their account',
  amount_too_small: 'the price of the package has to be higher',
  amount_too_large: 'the price of the package has to be lower',
  url_invalid: 'PUBLIC_URL has to be an address that Stripe takes',
};

/** Stripe's refusal for good, told from what may succeed when it is asked again; null where it is not one. */
function refusalOf(error: unknown): ProviderRefusal | ProviderMisconfigured | null {
  if (!(error instanceof Stripe.errors.StripeError)) return null;
  const { code, param, type } = error;
  const what = [code ?? type, param].filter(Boolean).join(', ');
  const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    const remedy = 'set STRIPE_SECRET_KEY to a key of this account that may do this';
    return new ProviderMisconfigured('Stripe', what, remedy, { cause: error });
  }
  const { StripeInvalidRequestError, StripeCardError } = Stripe.errors;
  const isRefusal = error instanceof StripeInvalidRequestError || error instanceof StripeCardError;
  if (!isRefusal || PASSING.includes(code ?? '')) return null;
  const remedy = REMEDIES[code ?? ''] ?? 'look for this request in the log of the Stripe dashboard';
  return new ProviderRefusal('Stripe', what, remedy, { cause: error });
}

/** What is said to a person whose request Stripe refuses for good, where they can do something about it. */
const WORDS: Readonly<Record<string, string>> = {
  email_invalid:
    'The payment provider does not take the e-mail address of your account, so nothing can be bought with it. Change the address, or sign up with another one; trying again does not help.',
};

/**
 * What a failure of Stripe's is to whoever asked: `payment_refused` and `payment_misconfigured` are for good, and
 * `payment_provider_unavailable` may be tried again.
 * @param detail of the latter
 */
export function stripeFault(error: unknown, detail?: string): Fault {
  const refusal = refusalOf(error);
  if (refusal === null) return new Fault('payment_provider_unavailable', detail, { cause: error });
  if (refusal instanceof ProviderMisconfigured) {
    return new Fault('payment_misconfigured', undefined, { cause: refusal });
  }
  const code = error instanceof Stripe.errors.StripeError ? error.code : undefined;
  return new Fault('payment_refused', WORDS[code ?? ''], { cause: refusal });
}

/**
 * Asks Stripe for something.
 * @returns null where Stripe says that there is no such object (https://docs.stripe.com/error-codes#resource-missing)
 * @throws Fault `payment_refused`, `payment_misconfigured` where Stripe refuses for good, `payment_provider_unavailable`
 *   for every other failure: the outcome is unknown, the same request may be sent again
 */
export async function askStripe<Answer>(request: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.code === 'resource_missing') return null;
    throw stripeFault(error);
  }
}

/** True where Stripe will give the same refusal to every further request with the same key, for a day. */
export function isKeyUsedUp(error: unknown): boolean {
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.code !== 'idempotency_key_in_use';
  return error instanceof Stripe.errors.StripeAPIError;
}

/** True where nobody can know whether Stripe did what it was asked for: no answer came, or an error of its own. */
export function isOutcomeUnknown(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError || error instanceof Stripe.errors.StripeAPIError
  );
}

/**
 * Creates something at Stripe under a key that outlives this process, so that a repeat finds what an
 * earlier try made. Stripe keeps a failure of its own (status 500) under the key as well and answers it
 * again for a day; only then a key made up on the spot is used. That can leave a second object behind, so
 * the caller must choose one of them in the database.
 * @throws Fault `payment_provider_unavailable`
 */
export async function createAtStripe<Answer>(
  key: string,
  create: (options: { idempotencyKey: string }) => Promise<Answer>,
): Promise<Answer | null> {
  return askStripe(async () => {
    try {
      return await create({ idempotencyKey: key });
    } catch (error) {
      if (!isKeyUsedUp(error)) throw error;
      return await create({ idempotencyKey: `${key}:${randomUUID()}` });
    }
  });
}
