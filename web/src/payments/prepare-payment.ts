import type { CreatePaymentIntentResponse } from '../../../shared/api/payments.ts';
import type { Sidecar } from '../api/sidecar.ts';
import { type Attempt, type Order, openAttempt, saveAttempt } from './attempts.ts';

export interface PreparedPayment {
  attempt: Attempt;
  intent: CreatePaymentIntentResponse;
}

/** The ids that show a purchase has arrived: gifts for a gift, else the buyer's own cards. */
export async function loadIds(sidecar: Sidecar, order: Order, signal: AbortSignal): Promise<string[]> {
  if (order.purchaseFor === 'gift') return (await sidecar.gifts(signal)).map((gift) => gift.card_id);
  return (await sidecar.balance(signal)).cards.map((card) => card.id);
}

/**
 * Opens or resumes the attempt and asks for its payment intent. The same attempt gives the same intent, so
 * calling this twice is harmless. Throws ApiError.
 */
export async function preparePayment(
  sidecar: Sidecar,
  order: Order,
  storage: Storage,
  signal: AbortSignal,
): Promise<PreparedPayment> {
  const opened = openAttempt(storage, order, () => crypto.randomUUID());
  const knownIds = opened.knownIds ?? (await loadIds(sidecar, order, signal));
  const attempt = { ...opened, knownIds };
  saveAttempt(storage, order, attempt);
  const { packageId, purchaseFor } = order;
  const intent = await sidecar.createPaymentIntent(
    { packageId, purchaseFor, idempotencyKey: attempt.idempotencyKey, words: attempt.words },
    signal,
  );
  return { attempt, intent };
}
