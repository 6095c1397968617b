import type { PurchaseFor } from '../../../shared/api/payments.ts';

/** What is being bought. `idempotencyKey` is set when the agent named the purchase in a call. */
export interface Order {
  userId: string;
  packageId: string;
  purchaseFor: PurchaseFor;
  idempotencyKey: string | null;
  /** Of a gift. */
  words?: GiftWording;
}

/** What goes with a gift; blank for nothing. */
export interface GiftWording {
  recipientName: string;
  message: string;
}

/**
 * One try to pay for one order. It is kept in the tab's storage until the outcome is known, so that a
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

/** The attempt that is under way for this order, or a new one. */
export function openAttempt(storage: Storage, order: Order, newKey: () => string): Attempt {
  const stored = readAttempt(storage, order);
  if (stored && (order.idempotencyKey === null || stored.idempotencyKey === order.idempotencyKey))
    return stored;
  const attempt: Attempt = {
    idempotencyKey: order.idempotencyKey ?? newKey(),
    knownIds: null,
    outcomeOpen: false,
    words: order.words,
  };
  saveAttempt(storage, order, attempt);
  return attempt;
}

export function saveAttempt(storage: Storage, order: Order, attempt: Attempt): void {
  storage.setItem(storageKey(order), JSON.stringify(attempt));
}

/** Forgets the attempt when the buyer turns away from it; keeps one that may have been paid. */
export function abandonAttempt(storage: Storage, order: Order): void {
  if (!readAttempt(storage, order)?.outcomeOpen) closeAttempt(storage, order);
}

/** To be called only when the outcome is known: paid, or certainly not paid. */
export function closeAttempt(storage: Storage, order: Order): void {
  storage.removeItem(storageKey(order));
}

/** Closes the attempt with this key, whatever its order was. */
export function closeAttemptByKey(storage: Storage, idempotencyKey: string): void {
  for (const name of Object.keys(storage)) {
    if (!name.startsWith(PREFIX)) continue;
    if (parseAttempt(storage.getItem(name))?.idempotencyKey === idempotencyKey) storage.removeItem(name);
  }
}

function storageKey(order: Order): string {
  return `${PREFIX}${order.userId}.${order.packageId}.${order.purchaseFor}`;
}

function readAttempt(storage: Storage, order: Order): Attempt | null {
  return parseAttempt(storage.getItem(storageKey(order)));
}

function parseAttempt(text: string | null): Attempt | null {
  return text === null ? null : (JSON.parse(text) as Attempt);
}
