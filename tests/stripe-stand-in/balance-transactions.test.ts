import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, startForTest } from './harness.ts';

/** The balance transaction that a charge expands to. */
async function settledOf(stripe: Stripe, intent: Stripe.PaymentIntent): Promise<Stripe.BalanceTransaction> {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent.id, {
    expand: ['latest_charge.balance_transaction'],
  });
  return (charge as Stripe.Charge).balance_transaction as Stripe.BalanceTransaction;
}

test.each([
  { amount: 999, currency: 'usd', fee: 59 },
  { amount: 4499, currency: 'eur', fee: 155 },
  // Yen have no smaller unit.
  { amount: 1500, currency: 'jpy', fee: 84 },
])('of $amount $currency Stripe keeps $fee', async ({ fee, ...money }) => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create({
    ...money,
    confirm: true,
    payment_method: 'pm_card_visa',
    ...CARD_ONLY,
  });
  const settled = await settledOf(stripe, intent);
  expect(settled).toMatchObject({
    ...money,
    object: 'balance_transaction',
    fee,
    net: money.amount - fee,
    fee_details: [{ amount: fee, currency: money.currency, type: 'stripe_fee' }],
    source: intent.latest_charge,
    type: 'charge',
  });
  expect(await stripe.balanceTransactions.retrieve(settled.id)).toEqual(settled);
  const refund = await stripe.refunds.create({ payment_intent: intent.id });
  const moves = await stripe.balanceTransactions.list({ source: refund.id });
  expect(moves.data).toMatchObject([
    { id: refund.balance_transaction, amount: -money.amount, fee: 0, type: 'refund' },
  ]);
  const { available } = await stripe.balance.retrieve();
  expect(available).toMatchObject([{ amount: -fee, currency: money.currency }]);
});

test('what was declined moves nothing', async () => {
  const stripe = clientOf(await startForTest());
  const payment = { amount: 999, currency: 'usd', confirm: true, ...CARD_ONLY };
  await expect(
    stripe.paymentIntents.create({ ...payment, payment_method: 'pm_card_chargeDeclined' }),
  ).rejects.toMatchObject({ code: 'card_declined' });
  expect((await stripe.balanceTransactions.list()).data).toEqual([]);
});
