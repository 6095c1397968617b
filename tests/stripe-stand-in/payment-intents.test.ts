import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, refusalOf, startForTest } from './harness.ts';

test('a payment intent goes from creation over confirmation to a charge', async () => {
  const stripe = clientOf(await startForTest());
  const customer = await stripe.customers.create({});
  const intent = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'USD',
    customer: customer.id,
    metadata: { order: '7' },
    ...CARD_ONLY,
  });
  expect(intent).toMatchObject({
    amount: 999,
    amount_received: 0,
    currency: 'usd',
    latest_charge: null,
    status: 'requires_payment_method',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_[0-9A-Za-z]{25}$`));
  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  expect(paid).toMatchObject({ status: 'succeeded', amount_received: 999 });
  expect(paid.payment_method).toMatch(/^pm_[0-9A-Za-z]{24}$/);
  const charge = await stripe.charges.retrieve(String(paid.latest_charge), { expand: ['payment_intent'] });
  expect(charge).toMatchObject({
    amount: 999,
    captured: true,
    customer: customer.id,
    metadata: { order: '7' },
    paid: true,
    payment_intent: { id: intent.id, status: 'succeeded' },
    payment_method_details: { card: { brand: 'visa', last4: '4242' } },
    status: 'succeeded',
  });
  expect((await stripe.charges.list({ payment_intent: intent.id })).data).toHaveLength(1);
  expect((await stripe.charges.list({ customer: 'cus_other' })).data).toEqual([]);
});

test('an attached payment method waits for confirmation', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    ...CARD_ONLY,
  });
  expect(intent.status).toBe('requires_confirmation');
  expect((await stripe.paymentIntents.confirm(intent.id)).status).toBe('succeeded');
});

test('creation with confirm pays at once and can show the charge and the method', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    return_url: 'https://example.com/back',
    expand: ['latest_charge.payment_intent', 'payment_method'],
  });
  expect(intent).toMatchObject({
    status: 'succeeded',
    latest_charge: { object: 'charge', payment_intent: { id: intent.id } },
    payment_method: { object: 'payment_method', card: { last4: '4242' } },
  });
});

test('a server that allows redirects must say where to return to', async () => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(
    stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_visa',
    }),
  );
  expect(refusal.message).toContain('you must provide a `return_url`');
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});

test.each([
  [
    'below the minimum',
    { amount: 49 },
    { code: 'amount_too_small', message: 'Amount must be at least $0.50 usd' },
  ],
  ['negative', { amount: -10 }, { code: 'parameter_invalid_integer', param: 'amount' }],
  ['fractional', { amount: 50.5 }, { code: 'parameter_invalid_integer', param: 'amount' }],
  ['too large', { amount: 100_000_000 }, { code: 'amount_too_large' }],
  [
    'missing',
    { amount: undefined },
    { code: 'parameter_missing', message: 'Missing required param: amount.' },
  ],
  ['of no known currency', { currency: 'zzz' }, { param: 'currency' }],
  ['without a currency', { currency: undefined }, { code: 'parameter_missing', param: 'currency' }],
  [
    'with a parameter of older versions',
    { payment_method_types: ['card'] },
    { code: 'parameter_unknown', message: 'Received unknown parameter: payment_method_types' },
  ],
  ['to be captured later', { capture_method: 'manual' }, { param: 'capture_method' }],
  ['with a fee for a platform', { application_fee_amount: 10 }, { code: 'parameter_unknown' }],
  ['with a return address but no confirm', { return_url: 'https://example.com' }, { param: 'return_url' }],
  [
    'with an unknown payment method',
    { payment_method: 'pm_none' },
    { code: 'resource_missing', param: 'payment_method' },
  ],
])('an intent %s is refused', async (_name, change, expected) => {
  const stripe = clientOf(await startForTest());
  const params = { amount: 500, currency: 'usd', ...change } as Stripe.PaymentIntentCreateParams;
  const refusal = await refusalOf(stripe.paymentIntents.create(params));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
  expect(refusal).toMatchObject({ statusCode: 400, ...expected });
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
  expect((await stripe.events.list()).data).toEqual([]);
});

test('exactly fifty cents is enough', async () => {
  const stripe = clientOf(await startForTest());
  expect((await stripe.paymentIntents.create({ amount: 50, currency: 'usd' })).amount).toBe(50);
});

test('a succeeded intent can be neither confirmed, canceled nor repriced, but described', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    ...CARD_ONLY,
  });
  const calls = [
    stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }),
    stripe.paymentIntents.cancel(id),
    stripe.paymentIntents.update(id, { amount: 600 }),
  ];
  for (const call of calls) {
    const refusal = await refusalOf(call);
    expect(refusal.code).toBe('payment_intent_unexpected_state');
    expect(refusal.payment_intent).toMatchObject({ id, status: 'succeeded' });
  }
  const updated = await stripe.paymentIntents.update(id, { description: 'late', metadata: { a: '1' } });
  expect(updated).toMatchObject({ description: 'late', metadata: { a: '1' }, amount: 500 });
  expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(1);
});

test('a canceled intent stays canceled', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' });
  expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
  expect(canceled.canceled_at).toBeGreaterThan(0);
  const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }));
  expect(refusal.message).toContain('status of canceled');
  expect((await refusalOf(stripe.paymentIntents.cancel(id))).code).toBe('payment_intent_unexpected_state');
});

test('confirmation without a payment method is refused', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const refusal = await refusalOf(stripe.paymentIntents.confirm(id));
  expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
  expect(refusal.message).toContain("it's missing a payment method");
});

test('a new payment method by update must be confirmed', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const updated = await stripe.paymentIntents.update(id, { payment_method: 'pm_card_visa', amount: 700 });
  expect(updated).toMatchObject({ status: 'requires_confirmation', amount: 700 });
  expect((await stripe.paymentIntents.confirm(id)).amount_received).toBe(700);
});

test('a payment method that was not attached to a customer pays once', async () => {
  const stripe = clientOf(await startForTest());
  const first = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    ...CARD_ONLY,
  });
  const again = stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    confirm: true,
    payment_method: String(first.payment_method),
    ...CARD_ONLY,
  });
  expect((await refusalOf(again)).message).toContain('It may not be used again');
});

test('two confirmations at once charge once', async () => {
  const stripe = clientOf(await startForTest({ latencyMs: 20 }));
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...CARD_ONLY });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(1);
});

test('expanding what is no object is refused and changes nothing', async () => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(
    stripe.paymentIntents.create({ amount: 500, currency: 'usd', expand: ['currency'] }),
  );
  expect(refusal.message).toBe('This property cannot be expanded (currency).');
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});
