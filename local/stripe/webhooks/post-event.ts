import { createHmac } from 'node:crypto';
import type { WireEvent } from '../store/stored-objects.ts';

const TIMEOUT_MS = 10_000;

/**
 * `Stripe-Signature`: HMAC-SHA256 over "timestamp.payload" in hex
 * (https://docs.stripe.com/webhooks#verify-manually).
 */
function signature(payload: string, secrets: readonly string[], nowSeconds: number): string {
  const digests = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${nowSeconds}.${payload}`).digest('hex'),
  );
  return [`t=${nowSeconds}`, ...digests.map((digest) => `v1=${digest}`)].join(',');
}

interface Post {
  readonly url: string;
  /** One signature for each: while a secret is being rolled there are two. */
  readonly secrets: readonly string[];
  readonly event: WireEvent;
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Posts an event to an endpoint once.
 * @returns whether it answered 2xx; a redirect, a timeout and a refused connection are failures, as at Stripe.
 */
export async function postEvent({ url, secrets, event, nowSeconds, signal }: Post): Promise<boolean> {
  // Stripe indents its payloads: a receiver that verifies a re-serialized body fails here as it would there.
  const payload = JSON.stringify(event, null, 2);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: payload,
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'Stripe-Signature': signature(payload, secrets, nowSeconds),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Whatever went wrong on the way is one thing to the sender: not delivered, to be tried again.
    return false;
  }
}
