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

const TYPED_CARD = {
  type: 'card',
  'card[number]': '4242 4242 4242 4242',
  'card[exp_month]': '12',
  'card[exp_year]': '2040',
  'card[cvc]': '123',
  'billing_details[name]': 'Ada',
};

test('a test card is attached to a customer, listed, made the default and detached', async () => {
  const stripe = clientOf(await startForTest());
  const customer = await stripe.customers.create({});
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  expect(card).toMatchObject({
    object: 'payment_method',
    type: 'card',
    customer: customer.id,
    allow_redisplay: 'unspecified',
    card: { brand: 'visa', last4: '4242' },
  });
  const other = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id });
  const listed = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
  expect(listed.data.map(({ id }) => id)).toEqual([other.id, card.id]);
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(2);
  expect((await stripe.customers.retrievePaymentMethod(customer.id, card.id)).id).toBe(card.id);
  const updated = await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: card.id },
  });
  expect(updated.invoice_settings?.default_payment_method).toBe(card.id);
  expect((await stripe.paymentMethods.detach(card.id)).customer).toBeNull();
  const after = await stripe.customers.retrieve(customer.id);
  expect(after).toMatchObject({ invoice_settings: { default_payment_method: null } });
  expect((await stripe.paymentMethods.list({ customer: customer.id })).data.map(({ id }) => id)).toEqual([
    other.id,
  ]);
  expect(await eventTypes(stripe)).toEqual([
    'customer.created',
    'payment_method.attached',
    'payment_method.attached',
    'customer.updated',
    'payment_method.detached',
    'customer.updated',
  ]);
});

test('a customer is created with a card that is the default', async () => {
  const stripe = clientOf(await startForTest());
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    expand: ['invoice_settings.default_payment_method'],
  });
  expect(customer.invoice_settings?.default_payment_method).toMatchObject({
    customer: customer.id,
    card: { last4: '4242' },
  });
});

test('a server makes a card of a token, a browser of a number, and neither the other way', async () => {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const fromToken = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
  expect(fromToken.card?.last4).toBe('4242');
  const typed = await send(standIn, 'POST', '/v1/payment_methods', {
    key: PUBLISHABLE_KEY,
    form: TYPED_CARD,
  });
  expect(typed.body).toMatchObject({ type: 'card', billing_details: { name: 'Ada' } });
  const refused = await send(standIn, 'POST', '/v1/payment_methods', {
    key: 'sk_test_standinSecretKey1234',
    form: TYPED_CARD,
  });
  expect(refused.status).toBe(400);
  expect(refused.body.error?.message).toContain('Sending credit card numbers directly');
  const unknown = await refusalOf(
    stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_none' } }),
  );
  expect(unknown).toMatchObject({ code: 'resource_missing', param: 'card[token]' });
});

test('the same card has the same fingerprint, another one has another', async () => {
  const stripe = clientOf(await startForTest());
  const make = async (token: string) =>
    (await stripe.paymentMethods.create({ type: 'card', card: { token } })).card?.fingerprint;
  expect(await make('tok_visa')).toBe(await make('tok_visa'));
  expect(await make('tok_visa')).not.toBe(await make('tok_mastercard'));
});

test('a card that was detached, or belongs to somebody else, pays nothing', async () => {
  const stripe = clientOf(await startForTest());
  const [ada, bob] = [await stripe.customers.create({}), await stripe.customers.create({})];
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: ada.id });
  const pay = (customer?: string) =>
    stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      confirm: true,
      payment_method: card.id,
      ...(customer === undefined ? {} : { customer }),
      ...CARD_ONLY,
    });
  expect((await refusalOf(pay(bob.id))).message).toContain('must be attached to the customer');
  expect((await refusalOf(pay())).message).toContain('you must provide the customer in the request');
  expect((await pay(ada.id)).status).toBe('succeeded');
  expect((await pay(ada.id)).status).toBe('succeeded');
  expect((await refusalOf(stripe.paymentMethods.attach(card.id, { customer: bob.id }))).message).toContain(
    'already been attached',
  );
  await stripe.paymentMethods.detach(card.id);
  expect((await refusalOf(pay(ada.id))).message).toContain('It may not be used again');
  const reattached = stripe.paymentMethods.attach(card.id, { customer: ada.id });
  expect((await refusalOf(reattached)).message).toContain('It may not be used again');
  expect((await refusalOf(stripe.paymentMethods.detach(card.id))).message).toContain(
    'detachment is impossible',
  );
});

test('a card that declines cannot be saved, except the one that is there to decline afterwards', async () => {
  const stripe = clientOf(await startForTest());
  const { id: customer } = await stripe.customers.create({});
  const refusal = await refusalOf(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeCardError);
  expect(refusal).toMatchObject({ statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' });
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
  const saved = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const payment = stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    customer,
    confirm: true,
    off_session: true,
    payment_method: saved.id,
    ...CARD_ONLY,
  });
  expect(await refusalOf(payment)).toMatchObject({ statusCode: 402, code: 'card_declined' });
});

test('only an attached card can be changed', async () => {
  const stripe = clientOf(await startForTest());
  const { id: customer } = await stripe.customers.create({});
  const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
  expect((await refusalOf(stripe.paymentMethods.update(loose.id, { metadata: { a: '1' } }))).statusCode).toBe(
    400,
  );
  await stripe.paymentMethods.attach(loose.id, { customer });
  const updated = await stripe.paymentMethods.update(loose.id, {
    allow_redisplay: 'always',
    billing_details: { name: 'Ada' },
    card: { exp_year: 2041 },
    metadata: { a: '1' },
  });
  expect(updated).toMatchObject({
    allow_redisplay: 'always',
    billing_details: { name: 'Ada', email: null },
    card: { exp_year: 2041, exp_month: 12 },
    metadata: { a: '1' },
  });
});

test('a default that is not the customer’s own is refused', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.customers.create({});
  const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
  const refusal = await refusalOf(
    stripe.customers.update(id, { invoice_settings: { default_payment_method: loose.id } }),
  );
  expect(refusal).toMatchObject({
    code: 'resource_missing',
    param: 'invoice_settings[default_payment_method]',
  });
});

test('a deleted customer keeps an id and loses cards, mail and place in the list', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.customers.create({ email: 'a@example.com' });
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: id });
  expect(await stripe.customers.del(id)).toMatchObject({ id, object: 'customer', deleted: true });
  const found = await stripe.customers.retrieve(id);
  expect(found.deleted).toBe(true);
  expect(found).not.toHaveProperty('email');
  expect((await stripe.customers.list()).data).toEqual([]);
  const calls = [
    stripe.customers.update(id, { name: 'B' }),
    stripe.customers.del(id),
    stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer: id }),
    stripe.paymentMethods.attach('pm_card_visa', { customer: id }),
  ];
  for (const call of calls) expect((await refusalOf(call)).code).toBe('resource_missing');
  expect((await stripe.paymentMethods.retrieve(card.id)).customer).toBeNull();
  const [event] = (await stripe.events.list({ type: 'customer.deleted' })).data;
  expect(event?.data.object).toMatchObject({ id, email: 'a@example.com' });
});
