import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { clientOf, eventTypes, refusalOf, startForTest, visit } from './harness.ts';

const DAY = 86_400;

async function shop({ card = 'pm_card_visa' } = {}) {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const now = Math.floor(Date.now() / 1000);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: now });
  const customer = await stripe.customers.create({ email: 'acme@example.com', test_clock: clock.id });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const meter = await stripe.billing.meters.create({
    display_name: 'Micros',
    event_name: 'micros',
    default_aggregation: { formula: 'sum' },
  });
  const product = await stripe.products.create({ name: 'MindBot' });
  const recurring = { interval: 'month' } as const;
  const seat = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 2_000,
    recurring,
  });
  const big = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 5_000,
    recurring,
  });
  const usage = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount_decimal: Stripe.Decimal.from('0.0001'),
    recurring: { ...recurring, usage_type: 'metered', meter: meter.id },
  });
  const use = (value: string, at = now + 10) =>
    stripe.billing.meterEvents.create({
      event_name: 'micros',
      timestamp: at,
      payload: { stripe_customer_id: customer.id, value },
    });
  const advance = (to: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  const start = (quantity = 3, change: Partial<Stripe.SubscriptionCreateParams> = {}) =>
    stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: seat.id, quantity }, { price: usage.id }],
      billing_mode: { type: 'flexible', flexible: { proration_discounts: 'itemized' } },
      ...change,
    });
  const invoices = async () => (await stripe.invoices.list({ customer: customer.id })).data.reverse();
  return { standIn, stripe, now, clock, customer, seat, big, usage, use, advance, start, invoices };
}

test('seats are paid in advance, use afterwards, rounded once, and late use within the hour counts', async () => {
  const { stripe, now, use, advance, start, invoices } = await shop();
  const subscription = await start();
  expect(subscription.status).toBe('active');
  expect((await invoices()).map(({ status, total }) => [status, total])).toEqual([['paid', 6_000]]);
  const [item] = subscription.items.data;
  const end = item?.current_period_end ?? 0;
  expect(item?.current_period_start).toBe(now);
  for (const value of ['4999', '1', '12345678']) await use(value);
  await advance(end);
  await use('5000', end - 1);
  await use('999000000', end + 1);
  await advance(end + 3_600);
  const [, second] = await invoices();
  // 12,355,678 millionths of a dollar are 1,235.5678 cents, and three seats of the next month.
  expect([second?.status, second?.total]).toEqual(['paid', 1_236 + 6_000]);
  expect(second?.lines.data.map(({ amount, quantity }) => [quantity, amount])).toEqual([
    [3, 6_000],
    [12_355_678, 1_236],
  ]);
  const renewed = await stripe.subscriptions.retrieve(subscription.id);
  expect(renewed.items.data[0]?.current_period_start).toBe(end);
  expect(await eventTypes(stripe)).toEqual(
    expect.arrayContaining(['customer.subscription.created', 'invoice.paid', 'invoice.finalized']),
  );
});

test('another number of seats is billed for the rest of the period', async () => {
  const { stripe, start, advance, invoices } = await shop();
  const subscription = await start(2);
  const [item] = subscription.items.data;
  const [from = 0, end = 0] = [item?.current_period_start, item?.current_period_end];
  await advance(from + Math.floor((end - from) / 2));
  await stripe.subscriptions.update(subscription.id, { items: [{ id: item?.id ?? '', quantity: 5 }] });
  const items = (await stripe.invoiceItems.list({ pending: true })).data.map(({ amount }) => amount);
  expect(items.sort((a, b) => a - b)).toEqual([-2_000, 5_000]);
  await advance(end + 3_600);
  expect((await invoices()).map(({ total }) => total)).toEqual([4_000, 10_000 + 3_000]);
});

test('another plan at once: what is left of the old one is given back, and the invoice comes now', async () => {
  const { stripe, big, start, advance, invoices } = await shop();
  const subscription = await start(1);
  const [item] = subscription.items.data;
  const [from = 0, end = 0] = [item?.current_period_start, item?.current_period_end];
  await advance(from + Math.floor((end - from) / 4));
  const items = [{ id: item?.id ?? '', price: big.id }];
  await stripe.subscriptions.update(subscription.id, { items, proration_behavior: 'always_invoice' });
  const rest = Math.round(((end - from - Math.floor((end - from) / 4)) / (end - from)) * 3_000);
  const [, second] = await invoices();
  expect([second?.status, Math.abs((second?.total ?? 0) - rest) <= 1]).toEqual(['paid', true]);
});

test('what cannot be charged leaves it past due, and paying it makes it active again', async () => {
  const { stripe, customer, start, advance, invoices } = await shop();
  const subscription = await start();
  const declined = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: declined.id });
  const end = subscription.items.data[0]?.current_period_end ?? 0;
  await advance(end + 3_600);
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due');
  const [, open] = await invoices();
  expect(open?.status).toBe('open');
  expect((await refusalOf(stripe.invoices.pay(open?.id ?? ''))).code).toBe('card_declined');
  const good = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id });
  await stripe.invoices.pay(open?.id ?? '', { payment_method: good.id });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
  expect((await eventTypes(stripe)).filter((type) => type === 'invoice.payment_failed')).toHaveLength(2);
});

test('incomplete until its first invoice is paid by whoever holds the secret', async () => {
  const { stripe, start } = await shop();
  const subscription = await start(1, {
    payment_behavior: 'default_incomplete',
    expand: ['latest_invoice.confirmation_secret'],
  });
  expect(subscription.status).toBe('incomplete');
  const { confirmation_secret: secret } = subscription.latest_invoice as Stripe.Invoice;
  const intent = secret?.client_secret.split('_secret_')[0] ?? '';
  await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa' });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
});

test('canceled at the end of the period, with a last invoice; or at once', async () => {
  const { stripe, use, start, advance, invoices } = await shop();
  const subscription = await start(1);
  const end = subscription.items.data[0]?.current_period_end ?? 0;
  await use('2000000');
  const leaving = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  expect([leaving.status, leaving.cancel_at]).toEqual(['active', end]);
  await advance(end + 3_600);
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('canceled');
  expect((await invoices()).map(({ total }) => total)).toEqual([2_000, 200]);
  expect((await refusalOf(stripe.subscriptions.update(subscription.id, { items: [] }))).statusCode).toBe(400);
  const other = await start(1);
  expect((await stripe.subscriptions.cancel(other.id)).status).toBe('canceled');
  expect((await stripe.subscriptions.list({})).data).toEqual([]);
});

test('refused: a metered price without a meter, a quantity of what is counted, two items of a price', async () => {
  const { stripe, customer, seat, usage } = await shop();
  const price = { currency: 'usd', unit_amount: 1, product_data: { name: 'x' } };
  const bare = stripe.prices.create({ ...price, recurring: { interval: 'month', usage_type: 'metered' } });
  expect((await refusalOf(bare)).code).toBe('parameter_missing');
  const start = (items: Stripe.SubscriptionCreateParams.Item[]) =>
    stripe.subscriptions.create({ customer: customer.id, items });
  expect((await refusalOf(start([{ price: usage.id, quantity: 2 }]))).message).toContain('metered');
  expect((await refusalOf(start([{ price: seat.id }, { price: seat.id }]))).message).toContain('same plan');
  const declined = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  });
  const failing = stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: seat.id }],
    default_payment_method: declined.id,
    payment_behavior: 'error_if_incomplete',
  });
  expect((await refusalOf(failing)).statusCode).toBe(402);
  expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
});

test('an item of an invoice waits for the next one, at a price below a cent', async () => {
  const { stripe, customer, start, advance, invoices } = await shop();
  const item = await stripe.invoiceItems.create({
    customer: customer.id,
    currency: 'usd',
    quantity: 1_234_567,
    unit_amount_decimal: Stripe.Decimal.from('0.0001'),
    metadata: { late_usage_id: 'x' },
  });
  expect(item.amount).toBe(123);
  const subscription = await start(1);
  expect((await invoices())[0]?.total).toBe(2_123);
  await advance((subscription.items.data[0]?.current_period_end ?? 0) + 32 * DAY);
  expect((await invoices()).map(({ total }) => total)).toEqual([2_123, 2_000, 2_000]);
});

test('begun on the hosted page, and canceled in the portal until the customer thinks better of it', async () => {
  const { stripe, customer, seat, usage } = await shop();
  const open = (change: object = {}) =>
    stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price: seat.id, quantity: 2 }, { price: usage.id }],
      subscription_data: { metadata: { tenant_id: 't' } },
      success_url: 'https://shop.example/done',
      ...change,
    });
  expect((await refusalOf(open({ payment_intent_data: { description: 'x' } }))).message).toContain(
    'subscription',
  );
  expect((await refusalOf(open({ mode: 'payment', subscription_data: {} }))).statusCode).toBe(400);
  const session = await open();
  expect([session.amount_total, session.subscription]).toEqual([4_000, null]);
  const typed = { email: 'a@example.com', method: 'card', expiry: '12/33', cvc: '123', name: 'A' };
  const declined = await visit(session.url ?? '', { ...typed, number: '4000000000000002' });
  expect([declined.status, (await stripe.subscriptions.list({ status: 'all' })).data]).toEqual([402, []]);
  const paid = await visit(session.url ?? '', { ...typed, number: '4242424242424242' });
  expect([paid.status, paid.location]).toEqual([303, 'https://shop.example/done']);
  const [subscription] = (await stripe.subscriptions.list({ customer: customer.id })).data;
  expect(subscription).toMatchObject({ status: 'active', metadata: { tenant_id: 't' } });
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    subscription: subscription?.id,
  });
  const { url } = await stripe.billingPortal.sessions.create({ customer: customer.id });
  const id = subscription?.id ?? '';
  await visit(url, { cancel: id });
  expect((await stripe.subscriptions.retrieve(id)).cancel_at_period_end).toBe(true);
  expect((await visit(url)).text).toContain('Do not cancel');
  await visit(url, { resume: id });
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null, canceled_at: null });
});
