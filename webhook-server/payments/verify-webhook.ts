import Stripe from 'stripe';
import { Fault } from '../../shared/errors.ts';

/** Stripe's own recommendation: an older delivery may be a recording played back. */
const TOLERANCE_SECONDS = 300;

/**
 * Checks that a delivery comes from Stripe and is fresh (https://docs.stripe.com/webhooks/signature).
 * @param body the bytes as received
 * @throws Fault `bad_signature`, `invalid_request`
 */
export function verifyWebhook(
  deps: { stripe: Stripe; secret: string; now: () => Date },
  body: unknown,
  signature: string | undefined,
): Stripe.Event {
  if (signature === undefined || !Buffer.isBuffer(body)) throw new Fault('bad_signature');
  const { stripe, secret, now } = deps;
  const receivedAtMs = now().getTime();
  try {
    return stripe.webhooks.constructEvent(
      body,
      signature,
      secret,
      TOLERANCE_SECONDS,
      undefined,
      receivedAtMs,
    );
  } catch (cause) {
    if (cause instanceof Stripe.errors.StripeSignatureVerificationError) {
      throw new Fault('bad_signature', undefined, { cause });
    }
    throw new Fault('invalid_request', 'The body is not a Stripe event.', { cause });
  }
}
