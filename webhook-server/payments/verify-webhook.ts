import Stripe from 'stripe';
import { Fault } from '../../shared/errors.ts';

/** Stripe's own recommendation: an older delivery may be a recording played back. */
const TOLERANCE_SECONDS = 300;

/** Several secrets hold at once while one replaces another: `whsec_new,whsec_old`. */
export function signingSecrets(setting: string): string[] {
  return setting
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

/**
 * Checks that a delivery comes from Stripe and is fresh (https://docs.stripe.com/webhooks/signature).
 * @param deps.secrets any of them may have signed it
 * @param body the bytes as received
 * @throws Fault `bad_signature`, `invalid_request`
 */
export function verifyWebhook(
  deps: { stripe: Stripe; secrets: readonly string[]; now: () => Date },
  body: unknown,
  signature: string | undefined,
): Stripe.Event {
  if (signature === undefined || !Buffer.isBuffer(body)) throw new Fault('bad_signature');
  const { webhooks } = deps.stripe;
  const receivedAtMs = deps.now().getTime();
  let refusal: unknown;
  for (const secret of deps.secrets) {
    try {
      return webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS, undefined, receivedAtMs);
    } catch (cause) {
      if (!(cause instanceof Stripe.errors.StripeSignatureVerificationError)) {
        throw new Fault('invalid_request', 'The body is not a Stripe event.', { cause });
      }
      refusal = cause;
    }
  }
  throw new Fault('bad_signature', undefined, { cause: refusal });
}
