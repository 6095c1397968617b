import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, eventTypes, movableClock, startForTest } from './harness.ts';

async function refunded(card: string, amount?: number) {
  const clock = movableClock();
  const stripe = clientOf(await startForTest({ now: clock.now, settleAfterMs: 60_000 }));
  const intent = await stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    confirm: true,
    payment_method: card,
    ...CARD_ONLY,
  });
  const refund = await stripe.refunds.create({
    payment_intent: intent.id,
    ...(amount === undefined ? {} : { amount }),
  });
  const charge = () => stripe.charges.retrieve(String(intent.latest_charge));
  return { clock, stripe, refund, charge, intent: intent.id };
}

test('a refund that is pending reaches the card later', async () => {
  const { clock, stripe, refund, charge } = await refunded('pm_card_pendingRefund');
  expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' });
  expect(await charge()).toMatchObject({ amount_refunded: 1000, refunded: true });
  clock.advanceSeconds(61);
  const settled = await stripe.refunds.retrieve(refund.id);
  expect(settled.status).toBe('succeeded');
  expect(settled).not.toHaveProperty('pending_reason');
  const [event] = (await stripe.events.list({ type: 'refund.updated' })).data;
  expect(event?.data).toMatchObject({
    object: { id: refund.id, status: 'succeeded' },
    previous_attributes: { status: 'pending' },
  });
});

test('a refund that fails looks paid at first, and gives the charge its money back', async () => {
  const { clock, stripe, refund, charge, intent } = await refunded('pm_card_refundFail', 400);
  expect(refund.status).toBe('succeeded');
  expect((await charge()).amount_refunded).toBe(400);
  clock.advanceSeconds(61);
  expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
    failure_balance_transaction: expect.stringMatching(/^txn_/),
  });
  expect(await charge()).toMatchObject({ amount_refunded: 0, refunded: false });
  expect((await eventTypes(stripe)).slice(-5)).toEqual([
    'charge.refunded',
    'refund.created',
    'refund.updated',
    'charge.refund.updated',
    'refund.failed',
  ]);
  expect((await stripe.refunds.create({ payment_intent: intent })).amount).toBe(1000);
});

test('the metadata of a refund can be changed, and nothing else', async () => {
  const { stripe, refund } = await refunded('pm_card_visa');
  expect((await stripe.refunds.update(refund.id, { metadata: { a: '1' } })).metadata).toEqual({ a: '1' });
  expect((await eventTypes(stripe)).at(-1)).toBe('refund.updated');
});
