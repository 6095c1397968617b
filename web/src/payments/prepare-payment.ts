import type { CreatePaymentIntentResponse } from '../../../shared/api/payments.ts';
import { ApiError } from '../api/request.ts';
import type { NewPayment, Sidecar } from '../api/sidecar.ts';
import { type Attempt, closeAttempt, openAttempt, type Purchase, saveAttempt } from './attempts.ts';

export interface PreparedPayment {
  attempt: Attempt;
  intent: CreatePaymentIntentResponse;
}

/** The ids that show a purchase has arrived: gifts for a gift, else the buyer's own cards. */
export async function loadIds(sidecar: Sidecar, purchase: Purchase, signal: AbortSignal): Promise<string[]> {
  if (purchase.purchaseFor === 'gift') return (await sidecar.gifts(signal)).map((gift) => gift.card_id);
  return (await sidecar.balance(signal)).cards.map((card) => card.id);
}

export function paymentOf({ packageId, purchaseFor }: Purchase, attempt: Attempt): NewPayment {
  return { packageId, purchaseFor, idempotencyKey: attempt.idempotencyKey, words: attempt.words };
}

/** Whether a purchase is being paid on Stripe's page already, so that it has no card form any more. */
export function isOnStripesPage(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'checkout_open';
}

async function begin(
  sidecar: Sidecar,
  purchase: Purchase,
  storage: Storage,
  signal: AbortSignal,
): Promise<Attempt> {
  const opened = openAttempt(storage, purchase, () => crypto.randomUUID());
  const knownIds = opened.knownIds ?? (await loadIds(sidecar, purchase, signal));
  const attempt = { ...opened, knownIds };
  saveAttempt(storage, purchase, attempt);
  return attempt;
}

/** What is over is forgotten, so that the next try begins anew. */
async function forgetWhenOver<T>(storage: Storage, purchase: Purchase, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'purchase_closed') closeAttempt(storage, purchase);
    throw error;
  }
}

/**
 * Opens or resumes the attempt and asks for its payment intent. The same attempt gives the same intent, so
 * calling this twice is harmless. Throws ApiError.
 */
export async function preparePayment(
  sidecar: Sidecar,
  purchase: Purchase,
  storage: Storage,
  signal: AbortSignal,
): Promise<PreparedPayment> {
  const attempt = await begin(sidecar, purchase, storage, signal);
  // What an earlier visit consented to, this one has to consent to again.
  const payment = { ...paymentOf(purchase, attempt), keepCard: false };
  const intent = await forgetWhenOver(storage, purchase, () => sidecar.createPaymentIntent(payment, signal));
  return { attempt, intent };
}

/**
 * Moves the attempt to Stripe's page, for good, and answers the page's address. Harmless to repeat. Throws ApiError.
 */
export async function prepareStripesPage(
  sidecar: Sidecar,
  purchase: Purchase,
  storage: Storage,
  signal: AbortSignal,
): Promise<{ attempt: Attempt; url: string }> {
  const begun = await begin(sidecar, purchase, storage, signal);
  const payment = paymentOf(purchase, begun);
  const session = await forgetWhenOver(storage, purchase, () =>
    sidecar.createCheckoutSession(payment, signal),
  );
  // Whatever is done there is seen here late: until then the attempt may have been paid.
  const attempt = { ...begun, outcomeOpen: true };
  saveAttempt(storage, purchase, attempt);
  return { attempt, url: session.checkout_url };
}
