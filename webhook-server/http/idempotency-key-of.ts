import type { Request } from 'express';
import { Fault } from '../../shared/errors.ts';

/** As Stripe's own API takes it (https://docs.stripe.com/api/idempotent_requests), and the database. */
export const BUYERS_KEY_LENGTH = 255;
/** The database takes 255 characters with the operator's id before the key. */
export const OPERATORS_KEY_LENGTH = 200;

/**
 * The name that the client gave to this attempt.
 * @throws Fault `idempotency_key_missing` for none, and for one that is too long
 */
export function idempotencyKeyOf(request: Request, maxLength: number): string {
  const key = request.get('idempotency-key') ?? '';
  if (key.length >= 1 && key.length <= maxLength) return key;
  throw new Fault(
    'idempotency_key_missing',
    `Send an Idempotency-Key header (1 to ${maxLength} characters): a new one each time, the same one for a retry.`,
  );
}
