import { expect, test } from 'vitest';
import { FORM, SESSION } from './checkout-form.ts';
import { clientOf, eventTypes, movableClock, refusalOf, startForTest, visit } from './harness.ts';

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
