import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, eventTypes, movableClock, refusalOf, startForTest, visit } from './harness.ts';

const CARD_ITEM = {
  price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'One hour' } },
  quantity: 1,
};

const SESSION = {
  mode: 'payment',
  line_items: [CARD_ITEM],
  success_url: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/packages',
} as const satisfies Stripe.Checkout.SessionCreateParams;

const FORM = {
  email: 'payer@example.com',
  method: 'card',
  number: '4242 4242 4242 4242',
  expiry: '12 / 40',
  cvc: '123',
  name: 'Ada Payer',
};

test('a session leads over its page to a payment, and back to the shop', async () => {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const customer = await stripe.customers.create({ email: 'payer@example.com' });
  const session = await stripe.checkout.sessions.create({
    ...SESSION,
    customer: customer.id,
    client_reference_id: 'order-7',
    metadata: { order: '7' },
    payment_intent_data: { metadata: { order_id: '7' } },
  });
  expect(session).toMatchObject({
    object: 'checkout.session',
    amount_total: 999,
    currency: 'usd',
    client_reference_id: 'order-7',
    mode: 'payment',
    payment_intent: null,
    payment_status: 'unpaid',
    status: 'open',
    customer_details: { email: 'payer@example.com' },
  });
  expect(session.url).toBe(`${standIn.url}/c/pay/${session.id}`);
  const page = await visit(String(session.url));
  expect(page.status).toBe(200);
  expect(page.text).toContain('One hour');
  expect(page.text).toContain('Pay $9.99');
  const paid = await visit(String(session.url), FORM);
  expect(paid).toMatchObject({ status: 303, location: `https://shop.example/paid?session=${session.id}` });
  const done = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['payment_intent', 'line_items'],
  });
  expect(done).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    url: null,
    customer: customer.id,
    customer_details: { email: 'payer@example.com', name: 'Ada Payer' },
    payment_intent: {
      amount_received: 999,
      customer: customer.id,
      metadata: { order_id: '7' },
      status: 'succeeded',
    },
    line_items: { data: [{ description: 'One hour', quantity: 1, amount_total: 999 }] },
  });
  expect((await stripe.checkout.sessions.listLineItems(session.id)).data[0]?.price?.unit_amount).toBe(999);
  expect((await eventTypes(stripe)).slice(-4)).toEqual([
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'checkout.session.completed',
  ]);
});

test('pressing pay many times at once pays once', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  const answers = await Promise.all(Array.from({ length: 8 }, () => visit(String(url), FORM)));
  expect(new Set(answers.map(({ location }) => location)).size).toBe(1);
  expect((await stripe.charges.list()).data).toHaveLength(1);
  expect((await stripe.events.list({ type: 'checkout.session.completed' })).data).toHaveLength(1);
  const found = await stripe.checkout.sessions.list({ status: 'complete' });
  expect(found.data.map((session) => session.id)).toEqual([id]);
});

test('a declined card is said on the page, and another one pays the same intent', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  const declined = await visit(String(url), { ...FORM, number: '4000000000009995' });
  expect(declined.status).toBe(402);
  expect(declined.text).toContain('role="alert"');
  expect(declined.text).toContain('insufficient funds');
  expect(declined.text).not.toContain('4000000000009995');
  expect((await stripe.checkout.sessions.retrieve(id)).status).toBe('open');
  expect((await visit(String(url), FORM)).status).toBe(303);
  const intents = (await stripe.paymentIntents.list()).data;
  expect(intents.map(({ status }) => status)).toEqual(['succeeded']);
  expect((await stripe.charges.list()).data.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
});

test.each([
  ['a mistyped number', { number: '4242424242424241' }, 'number-mistake'],
  ['no date', { expiry: '' }, 'expiry-mistake'],
  ['a short code', { cvc: '1' }, 'cvc-mistake'],
  ['no address', { email: 'nobody' }, 'email-mistake'],
  [
    'a bank account that is no test account',
    { method: 'us_bank_account', routing_number: '1' },
    'routing_number-mistake',
  ],
])('%s is marked at its input and charges nothing', async (_name, change, mark) => {
  const stripe = clientOf(await startForTest());
  const { url } = await stripe.checkout.sessions.create(SESSION);
  const answer = await visit(String(url), { ...FORM, ...(change as Record<string, string>) });
  expect(answer.status).toBe(402);
  expect(answer.text).toContain(`id="${mark}"`);
  expect(answer.text).toContain(`aria-describedby="${mark}"`);
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});

test('3-D Secure goes over the page of the bank and back, failed and then passed', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  const attempt = async (authentication: string) => {
    const sent = await visit(String(url), { ...FORM, number: '4000002760003184' });
    const challenge = new URL(String(sent.location));
    const secret = challenge.searchParams.get('client_secret') ?? '';
    const decided = await visit(challenge.href, { client_secret: secret, authentication });
    return visit(String(decided.location));
  };
  const failed = await attempt('fail');
  expect(failed.status).toBe(402);
  expect(failed.text).toContain('unable to authenticate');
  expect((await attempt('complete')).location).toContain(`session=${id}`);
  expect((await stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
});

test('a card is kept when the shop asks for it, for a guest who becomes a customer', async () => {
  const stripe = clientOf(await startForTest());
  const { id, url } = await stripe.checkout.sessions.create({
    ...SESSION,
    payment_intent_data: { setup_future_usage: 'off_session' },
  });
  expect((await visit(String(url))).text).toContain('kept for later payments');
  await visit(String(url), FORM);
  const { customer } = await stripe.checkout.sessions.retrieve(id);
  expect(await stripe.customers.retrieve(String(customer))).toMatchObject({ email: 'payer@example.com' });
  expect((await stripe.paymentMethods.list({ customer: String(customer) })).data).toHaveLength(1);
});

test('a session expires on demand or by itself, and then takes no money', async () => {
  const clock = movableClock();
  const stripe = clientOf(await startForTest({ now: clock.now }));
  const first = await stripe.checkout.sessions.create(SESSION);
  await visit(String(first.url), { ...FORM, number: '4000000000000002' });
  expect((await stripe.checkout.sessions.expire(first.id)).status).toBe('expired');
  expect((await refusalOf(stripe.checkout.sessions.expire(first.id))).message).toContain('`expired`');
  expect((await stripe.paymentIntents.list()).data[0]?.status).toBe('canceled');
  const second = await stripe.checkout.sessions.create({
    ...SESSION,
    expires_at: Math.floor(clock.now() / 1000) + 1800,
  });
  clock.advanceSeconds(1799);
  expect((await stripe.checkout.sessions.retrieve(second.id)).status).toBe('open');
  clock.advanceSeconds(2);
  expect((await stripe.checkout.sessions.retrieve(second.id)).status).toBe('expired');
  const late = await visit(String(second.url), FORM);
  expect(late.text).toContain('expired');
  expect((await stripe.charges.list()).data.every(({ status }) => status === 'failed')).toBe(true);
  expect((await stripe.events.list({ type: 'checkout.session.expired' })).data).toHaveLength(2);
});

test('a session whose payment was canceled elsewhere still expires by itself', async () => {
  const clock = movableClock();
  const stripe = clientOf(await startForTest({ now: clock.now }));
  const { id, url } = await stripe.checkout.sessions.create(SESSION);
  await visit(String(url), { ...FORM, number: '4000000000000002' });
  const [intent] = (await stripe.paymentIntents.list()).data;
  await stripe.paymentIntents.cancel(String(intent?.id));
  expect((await visit(String(url), FORM)).text).toContain('status of canceled');
  clock.advanceSeconds(24 * 3600 + 1);
  expect((await stripe.checkout.sessions.retrieve(id)).status).toBe('expired');
});

test('stored prices are sold too, several and many of them', async () => {
  const stripe = clientOf(await startForTest());
  const price = await stripe.prices.create({
    currency: 'eur',
    unit_amount: 500,
    product_data: { name: 'P' },
  });
  const session = await stripe.checkout.sessions.create({
    ...SESSION,
    line_items: [
      { price: price.id, quantity: 3 },
      { price_data: { currency: 'eur', unit_amount: 1, product_data: { name: 'Q' } }, quantity: 1 },
    ],
  });
  expect(session).toMatchObject({ amount_total: 1501, currency: 'eur', payment_method_types: ['card'] });
  const page = await stripe.checkout.sessions.listLineItems(session.id, { limit: 1 });
  expect(page).toMatchObject({ has_more: true, data: [{ description: 'P', amount_total: 1500 }] });
  const all = await stripe.checkout.sessions
    .listLineItems(session.id, { limit: 1 })
    .autoPagingToArray({ limit: 9 });
  expect(all.map(({ description }) => description)).toEqual(['P', 'Q']);
});

test.each([
  ['no item', { line_items: undefined }, { code: 'parameter_missing' }],
  [
    'no quantity',
    { line_items: [{ price_data: CARD_ITEM.price_data }] },
    { param: 'line_items[0][quantity]' },
  ],
  ['an unknown price', { line_items: [{ price: 'price_none', quantity: 1 }] }, { code: 'resource_missing' }],
  [
    'less than the minimum',
    { line_items: [{ ...CARD_ITEM, price_data: { ...CARD_ITEM.price_data, unit_amount: 10 } }] },
    { code: 'amount_too_small' },
  ],
  ['no address to return to', { success_url: undefined }, { param: 'success_url' }],
  ['an address that is none', { success_url: 'shop' }, { code: 'url_invalid', param: 'success_url' }],
  ['an address that is a script', { cancel_url: 'javascript:alert(1)' }, { code: 'url_invalid' }],
  ['an end too early', { expires_at: Math.floor(Date.now() / 1000) + 60 }, { param: 'expires_at' }],
  ['an unknown customer', { customer: 'cus_none' }, { code: 'resource_missing', param: 'customer' }],
  ['a subscription', { mode: 'subscription' }, { param: 'mode' }],
  ['a discount', { discounts: [{ coupon: 'x' }] }, { code: 'parameter_unknown' }],
])('a session with %s is refused', async (_name, change, expected) => {
  const stripe = clientOf(await startForTest());
  const params = { ...SESSION, ...change } as Stripe.Checkout.SessionCreateParams;
  expect(await refusalOf(stripe.checkout.sessions.create(params))).toMatchObject({
    statusCode: 400,
    ...expected,
  });
  expect((await stripe.checkout.sessions.list()).data).toEqual([]);
});

test('what a shop writes is text on the page, never markup', async () => {
  const stripe = clientOf(await startForTest());
  const { url } = await stripe.checkout.sessions.create({
    ...SESSION,
    line_items: [
      {
        quantity: 1,
        price_data: { ...CARD_ITEM.price_data, product_data: { name: '<img src=x onerror=alert(1)>' } },
      },
    ],
  });
  const page = await visit(String(url), { ...FORM, email: '"><script>' });
  expect(page.text).not.toMatch(/<img|<script/);
  expect((await visit(String(url).slice(0, -1))).status).toBe(404);
});
