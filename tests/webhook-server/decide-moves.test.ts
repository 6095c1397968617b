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

const purchase = (status: string, intentId: string | null = 'pi_1') => ({ status, intentId });

test('money received is time granted, whatever the purchase was before', () => {
  for (const status of ['created', 'failed', 'canceled', 'succeeded', 'review']) {
    expect(decideMoves(payment, purchase(status), 'evt')).toEqual([{ kind: 'paid', eventId: 'evt' }]);
  }
});

test('a refund that overtakes its payment first grants, then takes back', () => {
  expect(decideMoves({ ...payment, refundedCents: 999 }, purchase('created'), 'evt')).toEqual([
    { kind: 'paid', eventId: 'evt:paid' },
    { kind: 'refund', eventId: 'evt' },
  ]);
  expect(decideMoves({ ...payment, refundedCents: 1 }, purchase('succeeded'), 'evt')).toEqual([
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
    expect(decideMoves({ ...payment, status, receivedCents: 0 }, purchase('created'), 'evt')).toEqual([]);
  }
});

test('a declined or canceled payment says so', () => {
  const declined = { ...payment, status: 'requires_payment_method', failureCode: 'card_declined' };
  expect(decideMoves(declined, purchase('created'), 'evt')).toEqual([
    { kind: 'unpaid', eventId: 'evt', status: 'failed', failureCode: 'card_declined' },
  ]);
  expect(decideMoves({ ...payment, status: 'canceled' }, purchase('created'), 'evt')).toEqual([
    { kind: 'unpaid', eventId: 'evt', status: 'canceled', failureCode: 'canceled' },
  ]);
});

test('an intent that was never attached cannot end the purchase, but its money is looked at', () => {
  const other = purchase('created', 'pi_2');
  expect(decideMoves({ ...payment, status: 'canceled' }, other, 'evt')).toEqual([]);
  const declined = { ...payment, status: 'requires_payment_method', failureCode: 'card_declined' };
  expect(decideMoves(declined, other, 'evt')).toEqual([]);
  expect(decideMoves(declined, purchase('created', null), 'evt')).toHaveLength(1);
  expect(decideMoves(payment, other, 'evt')).toEqual([{ kind: 'paid', eventId: 'evt' }]);
});
