/**
 * How confirming a payment ended.
 * - `unknown`: no answer, or one that does not say; the payment may have gone through.
 * - `declined`: certainly not paid; the same payment may be tried again with other details.
 */
export type Outcome =
  | { kind: 'succeeded' }
  | { kind: 'processing' }
  | { kind: 'declined'; message: string }
  | { kind: 'unknown'; message: string };

/** The error object of Stripe's API and of Stripe.js (https://docs.stripe.com/api/errors). */
export interface StripeError {
  type?: string | undefined;
  code?: string | undefined;
  message?: string | undefined;
  payment_intent?: { status?: string | undefined } | undefined;
}

const UNKNOWN_TYPES = new Set(['api_error', 'api_connection_error', 'idempotency_error', 'rate_limit_error']);

const UNKNOWN: Outcome = {
  kind: 'unknown',
  message:
    'The answer got lost, so the payment may have gone through. Press Pay again: it is never taken twice.',
};

/** Reads a confirmation's answer: the intent's status, or the error. */
export function outcomeOf(status: string | undefined, error: StripeError | undefined): Outcome {
  // Confirming what is already paid is an error whose intent says so: a lost answer, found again.
  const known = status ?? error?.payment_intent?.status;
  if (known === 'succeeded') return { kind: 'succeeded' };
  if (known === 'processing') return { kind: 'processing' };
  if (known === 'requires_action') {
    return {
      kind: 'declined',
      message: 'The bank asks for one more step that cannot be done here. Use another card.',
    };
  }
  if (known === 'canceled') {
    return { kind: 'declined', message: 'This payment was cancelled. Close it and start again.' };
  }
  if (!error || UNKNOWN_TYPES.has(error.type ?? '')) return UNKNOWN;
  return { kind: 'declined', message: error.message ?? 'The payment was declined. Nothing was charged.' };
}

export function lostAnswer(): Outcome {
  return UNKNOWN;
}
