import type { PurchaseFor } from '../../../shared/api/payments.ts';
import type { GiftWording } from '../api/sidecar.ts';

/** What is being bought. `idempotencyKey` is set when the agent named the purchase in a call. */
export interface Purchase {
  userId: string;
  packageId: string;
  purchaseFor: PurchaseFor;
  idempotencyKey: string | null;
  /** Of a gift. */
  words?: GiftWording;
}

/**
 * One try to pay for one purchase. It is kept in the tab's storage until the outcome is known, so that a
 * reload or a retry goes on with the same payment instead of starting a second one.
 */
export interface Attempt {
  idempotencyKey: string;
  /** Cards or gifts that were there before paying; null until they were read. */
  knownIds: string[] | null;
  /** True from the moment of paying until an answer says paid or declined. */
  outcomeOpen: boolean;
  /** As they were when the purchase began: the same key with other words is refused. */
  words?: GiftWording | undefined;
}

const PREFIX = 'mindbot.attempt.';

/** The attempt that is under way for this purchase, or a new one. */
export function openAttempt(storage: Storage, purchase: Purchase, newKey: () => string): Attempt {
  const stored = readAttempt(storage, purchase);
  if (stored && (purchase.idempotencyKey === null || stored.idempotencyKey === purchase.idempotencyKey))
    return stored;
  const attempt: Attempt = {
    idempotencyKey: purchase.idempotencyKey ?? newKey(),
    knownIds: null,
    outcomeOpen: false,
    words: purchase.words,
  };
  saveAttempt(storage, purchase, attempt);
  return attempt;
}

export function saveAttempt(storage: Storage, purchase: Purchase, attempt: Attempt): void {
  storage.setItem(storageKey(purchase), JSON.stringify(attempt));
}

/** Forgets the attempt when the buyer turns away from it; keeps one that may have been paid. */
export function abandonAttempt(storage: Storage, purchase: Purchase): void {
  if (!readAttempt(storage, purchase)?.outcomeOpen) closeAttempt(storage, purchase);
}

/** To be called only when the outcome is known: paid, or certainly not paid. */
export function closeAttempt(storage: Storage, purchase: Purchase): void {
  storage.removeItem(storageKey(purchase));
}

/** Closes the attempt with this key, whatever its purchase was. */
export function closeAttemptByKey(storage: Storage, idempotencyKey: string): void {
  for (const name of Object.keys(storage)) {
    if (!name.startsWith(PREFIX)) continue;
    if (parseAttempt(storage.getItem(name))?.idempotencyKey === idempotencyKey) storage.removeItem(name);
  }
}

function storageKey(purchase: Purchase): string {
  return `${PREFIX}${purchase.userId}.${purchase.packageId}.${purchase.purchaseFor}`;
}

function readAttempt(storage: Storage, purchase: Purchase): Attempt | null {
  return parseAttempt(storage.getItem(storageKey(purchase)));
}

function parseAttempt(text: string | null): Attempt | null {
  return text === null ? null : (JSON.parse(text) as Attempt);
}
