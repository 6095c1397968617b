import Stripe from 'stripe';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';

/** With one repeat this stays below the 15 seconds after which the page gives a request up. */
const TIMEOUT_MS = 6_000;

/** Stripe, or the local server that stands in for it. */
export function createStripeClient(config: SidecarConfig): Stripe {
  const options: Stripe.StripeConfig = { timeout: TIMEOUT_MS, maxNetworkRetries: 1, telemetry: false };
  if (config.STRIPE_API_URL !== undefined) {
    const { hostname, port, protocol } = new URL(config.STRIPE_API_URL);
    Object.assign(options, { host: hostname, protocol: protocol === 'https:' ? 'https' : 'http' });
    if (port !== '') options.port = port;
    else options.port = protocol === 'https:' ? 443 : 80;
  }
  return new Stripe(config.STRIPE_SECRET_KEY, options);
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
