import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, refusalOf, startForTest } from './harness.ts';

test.each([
  ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', ''],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', ''],
])('%s is declined and the intent can be paid with another card', async (method, code, declineCode) => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: method }));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeCardError);
  expect(refusal).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
  expect(refusal.payment_intent).toMatchObject({
    id,
    status: 'requires_payment_method',
    payment_method: null,
  });
  const intent = await stripe.paymentIntents.retrieve(id);
  expect(intent).toMatchObject({
    amount_received: 0,
    status: 'requires_payment_method',
    last_payment_error: { code, type: 'card_error' },
  });
  expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
    status: 'failed',
    paid: false,
    failure_code: code,
  });
  const events = await stripe.events.list();
  expect(events.data.map(({ type }) => type)).toEqual([
    'payment_intent.payment_failed',
    'charge.failed',
    'payment_intent.created',
  ]);
  const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
  expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
  expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(2);
});

test('a decline during creation keeps the intent', async () => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(
    stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_chargeDeclined',
      expand: ['latest_charge'],
      ...CARD_ONLY,
    }),
  );
  expect(refusal.statusCode).toBe(402);
  const intents = await stripe.paymentIntents.list();
  expect(intents.data.map(({ id, status }) => [id, status])).toEqual([
    [refusal.payment_intent?.id, 'requires_payment_method'],
  ]);
});

test('a card that needs authentication asks for it once and then pays', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    ...CARD_ONLY,
  });
  expect(intent).toMatchObject({ status: 'requires_action', amount_received: 0, latest_charge: null });
  expect(intent.next_action?.type).toBe('use_stripe_sdk');
  const paid = await stripe.paymentIntents.confirm(intent.id);
  expect(paid).toMatchObject({ status: 'succeeded', next_action: null, amount_received: 500 });
  const types = (await stripe.events.list()).data.map(({ type }) => type);
  expect(types).toContain('payment_intent.requires_action');
});

test('another amount during authentication must be confirmed anew', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    ...CARD_ONLY,
  });
  const repriced = await stripe.paymentIntents.update(id, { amount: 5000 });
  expect(repriced).toMatchObject({ status: 'requires_confirmation', next_action: null });
  expect((await stripe.paymentIntents.confirm(id)).status).toBe('requires_action');
});

test.each(['error_on_requires_action', 'off_session'])(
  'with %s a card that needs authentication is declined',
  async (name) => {
    const stripe = clientOf(await startForTest());
    const refusal = await refusalOf(
      stripe.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        confirm: true,
        payment_method: 'pm_card_authenticationRequired',
        [name]: true,
        ...CARD_ONLY,
      }),
    );
    expect(refusal).toMatchObject({ statusCode: 402, decline_code: 'authentication_required' });
  },
);

test('a server may not send card numbers', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const refusal = await refusalOf(
    stripe.paymentIntents.confirm(id, {
      payment_method_data: {
        type: 'card',
        card: { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '123' },
      },
    } as never),
  );
  expect(refusal.statusCode).toBe(400);
  expect(refusal.message).toContain('Sending credit card numbers directly');
});
