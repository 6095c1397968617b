import type Stripe from 'stripe';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { type EventHint, isHandled } from './handled-events.ts';

/** Stripe's own recommendation: an older delivery may be a recording played back. */
const TOLERANCE_SECONDS = 300;

/** Several secrets hold at once while one replaces another: `whsec_new,whsec_old`. */
export function signingSecrets(setting: string): string[] {
  return setting
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

/** As Stripe writes ids and types: what is none is refused here, as the database would refuse all that comes with it. */
const word = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const eventSchema = z.object({
  id: word,
  type: word,
  data: z.object({ object: z.object({ id: word.optional() }) }),
});
const thinSchema = z.object({ object: z.literal('v2.core.event') });

/** @throws Fault `invalid_request` */
function readEvent(body: Buffer): EventHint {
  let sent: unknown;
  try {
    sent = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Fault('invalid_request', 'The body is not a Stripe event: it is not JSON.', { cause });
  }
  if (thinSchema.safeParse(sent).success) {
    throw new Fault('invalid_request', 'This is a thin event. Send events as snapshots to this address.');
  }
  const event = eventSchema.safeParse(sent);
  const objectId = event.data?.data.object.id ?? '';
  if (!event.success || (objectId === '' && isHandled(event.data.type))) {
    throw new Fault(
      'invalid_request',
      'The body is not a Stripe event: id, type or data is missing or malformed.',
    );
  }
  return { id: event.data.id, type: event.data.type, objectId };
}

/**
 * Checks that a delivery comes from Stripe and is fresh (https://docs.stripe.com/webhooks/signature).
 * @param deps.secrets any of them may have signed it
 * @param body the bytes as received
 * @returns what the event is about; nothing else of it is believed
 * @throws Fault `bad_signature`, `invalid_request`
 */
export function verifyWebhook(
  deps: { stripe: Stripe; secrets: readonly string[]; now: () => Date },
  body: unknown,
  signature: string | undefined,
): EventHint {
  if (signature === undefined || !Buffer.isBuffer(body)) throw new Fault('bad_signature');
  const { signature: verifier } = deps.stripe.webhooks;
  if (verifier === null) throw new Error('this Stripe client cannot verify signatures');
  const receivedAtMs = deps.now().getTime();
  let refusal: unknown;
  for (const secret of deps.secrets) {
    try {
      verifier.verifyHeader(body, signature, secret, TOLERANCE_SECONDS, undefined, receivedAtMs);
    } catch (cause) {
      refusal = cause;
      continue;
    }
    return readEvent(body);
  }
  throw new Fault('bad_signature', undefined, { cause: refusal });
}
