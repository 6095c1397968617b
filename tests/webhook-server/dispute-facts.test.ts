import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { type DisputedCharge, disputeFact } from '../../webhook-server/payments/money-back.ts';

const CHARGE: DisputedCharge = {
  amount: 999,
  currency: 'usd',
  settled: { amount: 900, currency: 'eur' },
};
const move = (amount: number, currency = 'eur') => ({ amount, currency });
const dispute = (change: object) =>
  ({
    id: 'dp_1',
    amount: 999,
    currency: 'usd',
    reason: 'fraudulent',
    status: 'lost',
    balance_transactions: [],
    ...change,
  }) as unknown as Stripe.Dispute;

test.each([
  ['in the currency that was paid in', { amount: 333 }, 333],
  ['whole, in yen', { amount: 150_000, currency: 'jpy', balance_transactions: [move(-900)] }, 999],
  ['half, in yen', { amount: 75_000, currency: 'jpy', balance_transactions: [move(-450)] }, 500],
  ['a third, of a smaller number', { amount: 3, currency: 'kwd', balance_transactions: [move(-300)] }, 333],
  ['more than all, by another rate', { currency: 'jpy', balance_transactions: [move(-950)] }, 999],
  ['settled as it was paid', { currency: 'jpy', balance_transactions: [move(-333, 'usd')] }, 333],
  ['of which nothing was taken yet', { amount: 5, currency: 'jpy', status: 'warning_needs_response' }, 999],
  ['that cannot be told', { amount: 5, currency: 'jpy', balance_transactions: [move(-5, 'gbp')] }, 999],
  ['of nothing', { amount: 0, currency: 'jpy' }, 0],
])('a dispute %s takes its share', (_what, change, cents) => {
  expect(disputeFact(dispute(change), CHARGE).amount_cents).toBe(cents);
});

test.each([
  ['lost', [move(-999)], 'lost'],
  ['lost', [move(-999), move(999)], 'won'],
  // At another rate it is less that comes back, and it is all of it.
  ['lost', [move(-999), move(985)], 'won'],
  ['lost', [move(985), move(-999)], 'won'],
  ['appeal_under_review', [move(-999), move(985), move(-985)], 'lost'],
  ['lost', [], 'lost'],
  ['won', [move(-999)], 'won'],
  ['needs_response', [move(-999)], 'open'],
])('%s with %j is %s', (status, balance_transactions, end) => {
  expect(disputeFact(dispute({ status, balance_transactions }), CHARGE).status).toBe(end);
});
