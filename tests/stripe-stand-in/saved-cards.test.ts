import Stripe from 'stripe';
import { expect, test } from 'vitest';
import {
  CARD_ONLY,
  clientOf,
  eventTypes,
  PUBLISHABLE_KEY,
  refusalOf,
  send,
  startForTest,
} from './harness.ts';

async function customerAndStripe() {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const customer = await stripe.customers.create({});
  const payLater = (payment_method: string) =>
    stripe.paymentIntents.create({
      amount: 999,
      currency: 'usd',
      customer: customer.id,
      confirm: true,
      off_session: true,
      payment_method,
      ...CARD_ONLY,
    });
  return { standIn, stripe, customer: customer.id, payLater };
}

test('a setup intent saves a card that pays later without its holder', async () => {
  const { stripe, customer, payLater } = await customerAndStripe();
  const setup = await stripe.setupIntents.create({ customer, ...CARD_ONLY });
  expect(setup).toMatchObject({ status: 'requires_payment_method', usage: 'off_session' });
  expect(setup.client_secret).toMatch(new RegExp(`^${setup.id}_secret_`));
  const done = await stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_visa' });
  expect(done.status).toBe('succeeded');
  const card = String(done.payment_method);
  expect((await stripe.paymentMethods.retrieve(card)).customer).toBe(customer);
  expect((await payLater(card)).status).toBe('succeeded');
  expect(await eventTypes(stripe)).toEqual([
    'customer.created',
    'setup_intent.created',
    'payment_method.attached',
    'setup_intent.succeeded',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
  ]);
});

test('a browser sets a card up with its number and sees nothing of the customer', async () => {
  const { standIn, stripe, customer } = await customerAndStripe();
  const setup = await stripe.setupIntents.create({ customer, metadata: { order: 'secret' } });
  const answer = await send(standIn, 'POST', `/v1/setup_intents/${setup.id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: {
      client_secret: String(setup.client_secret),
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': '4000002500003155',
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': '2040',
      'payment_method_data[card][cvc]': '123',
      'payment_method_data[allow_redisplay]': 'always',
    },
  });
  expect(answer.body).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } });
  expect(answer.body).not.toHaveProperty('metadata');
  expect(answer.body).not.toHaveProperty('customer');
  const again = await send(standIn, 'POST', `/v1/setup_intents/${setup.id}/confirm`, {
    key: PUBLISHABLE_KEY,
    form: { client_secret: String(setup.client_secret) },
  });
  expect(again.body.status).toBe('succeeded');
  const [card] = (await stripe.paymentMethods.list({ customer })).data;
  expect(card).toMatchObject({ allow_redisplay: 'always', card: { last4: '3155' } });
  const forged = await send(
    standIn,
    'GET',
    `/v1/setup_intents/${setup.id}?client_secret=${setup.id}_secret_x`,
    {
      key: PUBLISHABLE_KEY,
    },
  );
  expect(forged.body.error).toMatchObject({ code: 'setup_intent_invalid_parameter' });
});

test.each([
  ['pm_card_authenticationRequiredOnSetup', 'succeeded'],
  ['pm_card_authenticationRequired', 'authentication_required'],
])('%s, once set up, then paid with off-session: %s', async (name, expected) => {
  const { stripe, customer, payLater } = await customerAndStripe();
  const setup = await stripe.setupIntents.create({
    customer,
    confirm: true,
    payment_method: name,
    ...CARD_ONLY,
  });
  expect(setup.status).toBe('requires_action');
  expect((await stripe.setupIntents.confirm(setup.id)).status).toBe('succeeded');
  const payment = payLater(String(setup.payment_method));
  if (expected === 'succeeded') {
    expect((await payment).status).toBe('succeeded');
  } else {
    expect((await refusalOf(payment)).code).toBe(expected);
  }
});

test('a card that was only attached asks for its holder, and the intent in the error can be paid by them', async () => {
  const { stripe, customer, payLater } = await customerAndStripe();
  const card = await stripe.paymentMethods.attach('pm_card_authenticationRequiredOnSetup', { customer });
  const refusal = await refusalOf(payLater(card.id));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeCardError);
  expect(refusal).toMatchObject({
    statusCode: 402,
    code: 'authentication_required',
    decline_code: 'authentication_required',
    payment_method: { id: card.id },
    payment_intent: {
      status: 'requires_payment_method',
      last_payment_error: { code: 'authentication_required', payment_method: { id: card.id } },
    },
  });
  const id = String(refusal.payment_intent?.id);
  const asked = await stripe.paymentIntents.confirm(id, { payment_method: card.id });
  expect(asked.status).toBe('requires_action');
  expect((await stripe.paymentIntents.confirm(id)).status).toBe('succeeded');
  expect((await stripe.charges.list({ payment_intent: id })).data.map(({ status }) => status)).toEqual([
    'succeeded',
    'failed',
  ]);
});

test('a payment keeps the card when its holder agreed, and only then', async () => {
  const { stripe, customer, payLater } = await customerAndStripe();
  const pay = (usage?: 'off_session') =>
    stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer,
      confirm: true,
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      ...(usage === undefined ? {} : { setup_future_usage: usage }),
      ...CARD_ONLY,
    });
  await stripe.paymentIntents.confirm((await pay()).id);
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
  const kept = await stripe.paymentIntents.confirm((await pay('off_session')).id);
  expect(kept).toMatchObject({ status: 'succeeded', setup_future_usage: 'off_session' });
  const [card] = (await stripe.paymentMethods.list({ customer })).data;
  expect(card?.id).toBe(kept.payment_method);
  expect((await payLater(String(card?.id))).status).toBe('succeeded');
});

test('a declined card keeps nothing, and a canceled setup stays canceled', async () => {
  const { stripe, customer } = await customerAndStripe();
  const setup = await stripe.setupIntents.create({ customer, ...CARD_ONLY });
  const refusal = await refusalOf(
    stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_chargeDeclined' }),
  );
  expect(refusal).toMatchObject({
    statusCode: 402,
    code: 'card_declined',
    setup_intent: { id: setup.id, status: 'requires_payment_method' },
  });
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
  expect((await stripe.setupIntents.cancel(setup.id)).status).toBe('canceled');
  const late = stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_visa' });
  expect((await refusalOf(late)).code).toBe('setup_intent_unexpected_state');
  expect((await stripe.setupIntents.list({ customer })).data).toHaveLength(1);
  expect(await eventTypes(stripe)).toContain('setup_intent.setup_failed');
});

test('off_session without confirm is refused', async () => {
  const { stripe } = await customerAndStripe();
  const params = { amount: 500, currency: 'usd', off_session: true };
  expect((await refusalOf(stripe.paymentIntents.create(params))).param).toBe('off_session');
});
