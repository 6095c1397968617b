import { expect, test } from 'vitest';
import { decideMoves, type Payment } from '../../webhook-server/payments/decide-moves.ts';

const payment: Payment = {
  intentId: 'pi_1',
  status: 'succeeded',
  receivedCents: 999,
  currency: 'usd',
  failureCode: null,
  refundedCents: 0,
};

test('money received is time granted, whatever the purchase was before', () => {
  for (const status of ['created', 'failed', 'canceled', 'succeeded', 'review']) {
    expect(decideMoves(payment, status, 'evt')).toEqual([{ kind: 'paid', eventId: 'evt' }]);
  }
});

test('a refund that overtakes its payment first grants, then takes back', () => {
  expect(decideMoves({ ...payment, refundedCents: 999 }, 'created', 'evt')).toEqual([
    { kind: 'paid', eventId: 'evt:paid' },
    { kind: 'refund', eventId: 'evt' },
  ]);
  expect(decideMoves({ ...payment, refundedCents: 1 }, 'succeeded', 'evt')).toEqual([
    { kind: 'refund', eventId: 'evt' },
  ]);
});

test('a payment under way moves nothing', () => {
  for (const status of [
    'processing',
    'requires_action',
    'requires_payment_method',
    'requires_confirmation',
  ]) {
    expect(decideMoves({ ...payment, status, receivedCents: 0 }, 'created', 'evt')).toEqual([]);
  }
});

test('a declined or canceled payment says so', () => {
  const declined = { ...payment, status: 'requires_payment_method', failureCode: 'card_declined' };
  expect(decideMoves(declined, 'created', 'evt')).toEqual([
    { kind: 'unpaid', eventId: 'evt', status: 'failed', failureCode: 'card_declined' },
  ]);
  expect(decideMoves({ ...payment, status: 'canceled' }, 'created', 'evt')).toEqual([
    { kind: 'unpaid', eventId: 'evt', status: 'canceled', failureCode: 'canceled' },
  ]);
});
