import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';

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

/**
 * Asks Stripe for something.
 * @returns null where Stripe says that there is no such object (https://docs.stripe.com/error-codes#resource-missing)
 * @throws Fault `payment_provider_unavailable` for every other failure: the outcome is unknown, the same
 *   request may be sent again
 */
export async function askStripe<Answer>(request: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.code === 'resource_missing') return null;
    throw new Fault('payment_provider_unavailable', undefined, { cause: error });
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
