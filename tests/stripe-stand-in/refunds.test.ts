import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, refusalOf, startForTest } from './harness.ts';

async function pay(stripe: Stripe, payment_method = 'pm_card_visa') {
  return stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    confirm: true,
    payment_method,
    ...CARD_ONLY,
  });
}

test('a charge is refunded in parts and then wholly', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await pay(stripe);
  const part = await stripe.refunds.create({
    payment_intent: intent.id,
    amount: 400,
    reason: 'requested_by_customer',
    metadata: { ticket: '1' },
  });
  expect(part).toMatchObject({
    object: 'refund',
    amount: 400,
    charge: intent.latest_charge,
    payment_intent: intent.id,
    status: 'succeeded',
    reason: 'requested_by_customer',
    metadata: { ticket: '1' },
  });
  const rest = await stripe.refunds.create({ charge: String(intent.latest_charge) });
  expect(rest.amount).toBe(600);
  const charge = await stripe.charges.retrieve(String(intent.latest_charge), { expand: ['refunds'] });
  expect(charge).toMatchObject({ amount_refunded: 1000, refunded: true });
  expect(charge.refunds?.data.map(({ id }) => id)).toEqual([rest.id, part.id]);
  expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2);
  expect((await stripe.refunds.retrieve(part.id, { expand: ['charge'] })).charge).toMatchObject({
    amount: 1000,
  });
  // The fee does not come back with the money.
  expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(-59);
});

test('a refund is announced with the charge it changed', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await pay(stripe);
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 400 });
  const created = (await stripe.events.list({ type: 'refund.created' })).data[0];
  expect(created?.data.object).toMatchObject({ id: refund.id, amount: 400 });
  const refunded = (await stripe.events.list({ type: 'charge.refunded' })).data[0];
  expect(refunded?.data.object).toMatchObject({
    id: intent.latest_charge,
    amount_refunded: 400,
    refunded: false,
  });
  expect(refunded?.data.previous_attributes).toEqual({ amount_refunded: 0 });
});

test('no more than what is left can be refunded', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await pay(stripe);
  await stripe.refunds.create({ payment_intent: intent.id, amount: 400 });
  const tooMuch = await refusalOf(stripe.refunds.create({ payment_intent: intent.id, amount: 601 }));
  expect(tooMuch.message).toBe('Refund amount ($6.01) is greater than unrefunded amount on charge ($6.00)');
  await stripe.refunds.create({ payment_intent: intent.id });
  const again = await refusalOf(stripe.refunds.create({ payment_intent: intent.id }));
  expect(again).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
});

test('parallel full refunds give the money back once', async () => {
  const stripe = clientOf(await startForTest({ latencyMs: 10 }));
  const intent = await pay(stripe);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 4 }, () => stripe.refunds.create({ payment_intent: intent.id })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('what was not paid cannot be refunded', async () => {
  const stripe = clientOf(await startForTest());
  const open = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' });
  const declined = await refusalOf(pay(stripe, 'pm_card_chargeDeclined'));
  for (const payment_intent of [open.id, String(declined.payment_intent?.id)]) {
    expect((await refusalOf(stripe.refunds.create({ payment_intent }))).message).toBe(
      `This PaymentIntent (${payment_intent}) does not have a successful charge to refund.`,
    );
  }
});

test.each([
  ['nothing to refund named', {}, {}],
  ['an unknown intent', { payment_intent: 'pi_none' }, { code: 'resource_missing', param: 'payment_intent' }],
  ['an unknown charge', { charge: 'ch_none' }, { code: 'resource_missing', param: 'charge' }],
  ['an amount of zero', { charge: 'ch_none', amount: 0 }, { code: 'parameter_invalid_integer' }],
  ['an invented reason', { charge: 'ch_none', reason: 'mood' }, { param: 'reason' }],
  ['a transfer to reverse', { charge: 'ch_none', reverse_transfer: true }, { code: 'parameter_unknown' }],
])('a refund with %s is refused', async (_name, params, expected) => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(stripe.refunds.create(params as Stripe.RefundCreateParams));
  expect(refusal).toMatchObject({ statusCode: 400, ...expected });
});
