import type { Known } from '../support/mistakes.ts';
import type { Operation } from './operations.ts';

/** As the property has found them. */
export const KNOWN_HISTORIES: Known<Operation[]> = {
  'a renewal adds up deltas': [
    { do: 'open', person: 0, call: 2 },
    { do: 'renew', call: 2, advanceMs: 1, stale: false },
    { do: 'renew', call: 2, advanceMs: 1, stale: false },
    { do: 'open', person: 0, call: 0 },
  ],
  'a renewal grants what other calls hold': [
    { do: 'open', person: 0, call: 0 },
    { do: 'deduct', person: 0, minutes: 50, key: 0 },
    { do: 'expire', card: 2 },
    { do: 'renew', call: 0, advanceMs: 1, stale: false },
    { do: 'deduct', person: 0, minutes: 1, key: 0 },
  ],
  'a settlement does not look at the epoch': [
    { do: 'open', person: 0, call: 2 },
    { do: 'settle', call: 2, advanceMs: 1, stale: true },
    { do: 'activate', person: 0, card: 0 },
  ],
  'a settlement settles again': [
    { do: 'open', person: 0, call: 1 },
    { do: 'settle', call: 1, advanceMs: 1, stale: false },
    { do: 'settle', call: 1, advanceMs: 0, stale: false },
    { do: 'renew', call: 0, advanceMs: 1, stale: true },
  ],
  'the last report of the worker is forgotten': [
    { do: 'open', person: 0, call: 0 },
    { do: 'settle', call: 0, advanceMs: 1000, stale: false },
    { do: 'activate', person: 0, card: 0 },
  ],
  'a live call grants what is held': [
    { do: 'open', person: 1, call: 0 },
    { do: 'deduct', person: 1, minutes: 50, key: 0 },
    { do: 'refund', card: 0, tenths: 3 },
    { do: 'deduct', person: 0, minutes: 50, key: 0 },
  ],
  'a debt is paid off twice over': [
    { do: 'deduct', person: 1, minutes: 50, key: 0 },
    { do: 'dispute', card: 0, status: 'lost', tenths: 10 },
    { do: 'deduct', person: 0, minutes: 1, key: 0 },
  ],
  'a debt is noted again': [
    { do: 'open', person: 1, call: 0 },
    { do: 'deduct', person: 1, minutes: 3, key: 0 },
    { do: 'refund', card: 0, tenths: 10 },
    { do: 'failRefund', card: 0 },
    { do: 'buy', person: 0, gift: false, paid: false },
  ],
  'a refund that failed gives nothing back': [
    { do: 'refund', card: 0, tenths: 1 },
    { do: 'failRefund', card: 0 },
    { do: 'buy', person: 0, gift: false, paid: false },
  ],
  'a dispute that was won leaves the time frozen': [
    { do: 'dispute', card: 0, status: 'open', tenths: 10 },
    { do: 'refund', card: 0, tenths: 1 },
  ],
  'a dispute freezes what a live call holds': [
    { do: 'open', person: 0, call: 0 },
    { do: 'deduct', person: 0, minutes: 50, key: 0 },
    { do: 'dispute', card: 2, status: 'open', tenths: 3 },
    { do: 'renew', call: 0, advanceMs: 0, stale: true },
  ],
  'an older look at a dispute undoes a newer one': [
    { do: 'dispute', card: 2, status: 'lost', tenths: 1 },
    { do: 'buy', person: 0, gift: false, paid: false },
    { do: 'give', person: 0, seconds: 1 },
    { do: 'buy', person: 0, gift: false, paid: false },
    { do: 'dispute', card: 5, status: 'open', tenths: 10 },
    { do: 'activate', person: 0, card: 0 },
  ],
  'a new card pays no debt': [
    { do: 'deduct', person: 1, minutes: 50, key: 0 },
    { do: 'dispute', card: 0, status: 'lost', tenths: 10 },
    { do: 'give', person: 1, seconds: 1 },
    { do: 'deduct', person: 0, minutes: 1, key: 0 },
  ],
  'a debt is paid without a card': [
    { do: 'deduct', person: 0, minutes: 50, key: 0 },
    { do: 'give', person: 0, seconds: 1 },
    { do: 'refund', card: 3, tenths: 3 },
    { do: 'buy', person: 0, gift: false, paid: false },
  ],
  'a renewal grants what is left of a card that has ended': [
    { do: 'open', person: 0, call: 0 },
    { do: 'expire', card: 2 },
    { do: 'renew', call: 0, advanceMs: 1, stale: false },
    { do: 'dispute', card: 0, status: 'open', tenths: 10 },
  ],
  'a call uses what another keeps of a card that has ended': [
    { do: 'open', person: 1, call: 0 },
    { do: 'expire', card: 0 },
    { do: 'deduct', person: 1, minutes: 1, key: 0 },
    { do: 'open', person: 0, call: 0 },
  ],
  'a refund takes what a call keeps': [
    { do: 'give', person: 0, seconds: 1 },
    { do: 'open', person: 1, call: 0 },
    { do: 'expire', card: 1 },
    { do: 'give', person: 0, seconds: 1 },
    { do: 'refund', card: 2, tenths: 1 },
    { do: 'buy', person: 0, gift: false, paid: false },
  ],
  'what comes back ends at once': [
    { do: 'refund', card: 0, tenths: 1 },
    { do: 'failRefund', card: 0 },
    { do: 'buy', person: 0, gift: false, paid: false },
  ],
  'a code is used twice': [
    { do: 'buy', person: 0, gift: true, paid: true },
    { do: 'buy', person: 0, gift: false, paid: false },
    { do: 'activate', person: 1, card: 1 },
    { do: 'activate', person: 0, card: 1 },
    { do: 'give', person: 0, seconds: 1 },
  ],
};
