import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { expect, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { clientOf, startForTest, startReceiver, temporaryFile, WEBHOOK_SECRET } from './harness.ts';

const SOON = { timeout: patience(10_000), interval: 10 };

test('stripe-node verifies what is delivered, and nothing that was changed on the way', async () => {
  const receiver = await startReceiver();
  const stripe = clientOf(await startForTest({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET } }));
  const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  const { headers, body } = receiver.received[0] ?? { headers: {}, body: '' };
  const signature = String(headers['stripe-signature']);
  const event = stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET);
  expect(event).toMatchObject({ type: 'payment_intent.created', pending_webhooks: 1 });
  expect(event.data.object).toMatchObject({ id: intent.id });
  expect(event.id).toBe((await stripe.events.list()).data[0]?.id);
  const verify = (payload: string, secret: string) => () =>
    stripe.webhooks.constructEvent(payload, signature, secret);
  expect(verify(body.replace('500', '501'), WEBHOOK_SECRET)).toThrow(
    Stripe.errors.StripeSignatureVerificationError,
  );
  expect(verify(body, 'whsec_other')).toThrow(Stripe.errors.StripeSignatureVerificationError);
  // Parsing and writing it again breaks the signature, as it would with Stripe's own indented payload.
  expect(verify(JSON.stringify(JSON.parse(body)), WEBHOOK_SECRET)).toThrow();
  await vi.waitFor(async () => {
    expect((await stripe.events.retrieve(event.id)).pending_webhooks).toBe(0);
  }, SOON);
});

test('the answer of the API does not wait for the endpoint, nor does the end of the process', async () => {
  const silent = await startReceiver(['never']);
  const standIn = await startForTest({ webhook: { url: silent.url, secret: WEBHOOK_SECRET } });
  const stripe = clientOf(standIn);
  // An endpoint that stays silent is given up after ten seconds: an answer that waited would come too late.
  await stripe.customers.create({}, { timeout: 5_000 });
  await vi.waitFor(() => expect(silent.received).toHaveLength(1), SOON);
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  const closing = standIn.close().then(() => 'closed');
  expect(await Promise.race([closing, sleep(5_000, 'still waiting for the endpoint')])).toBe('closed');
});

test('a redirect is a failure and is not followed', async () => {
  const receiver = await startReceiver([302]);
  const stripe = clientOf(
    await startForTest({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET }, retryDelaysMs: [] }),
  );
  await stripe.customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  await sleep(100);
  expect(receiver.received).toHaveLength(1);
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
});

test('a failed delivery is tried again until it is accepted', async () => {
  const receiver = await startReceiver([500, 302, 404]);
  const standIn = await startForTest({
    webhook: { url: receiver.url, secret: WEBHOOK_SECRET },
    retryDelaysMs: [20, 20, 20, 20],
  });
  const stripe = clientOf(standIn);
  await stripe.customers.create({});
  expect((await stripe.events.list({ delivery_success: false })).data[0]?.pending_webhooks).toBe(1);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4), SOON);
  const ids = receiver.received.map(({ body }) => JSON.parse(body).id);
  expect(new Set(ids).size).toBe(1);
  await vi.waitFor(async () => {
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  }, SOON);
  expect((await stripe.events.list({ delivery_success: true })).data[0]?.id).toBe(ids[0]);
});

test('what no attempt delivered stays listed', async () => {
  const receiver = await startReceiver([500, 500, 500, 500]);
  const standIn = await startForTest({
    webhook: { url: receiver.url, secret: WEBHOOK_SECRET },
    retryDelaysMs: [10, 10],
  });
  const stripe = clientOf(standIn);
  await stripe.customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(3), SOON);
  await sleep(100);
  expect(receiver.received).toHaveLength(3);
  const [event] = (await stripe.events.list({ delivery_success: false })).data;
  expect(event).toMatchObject({ type: 'customer.created', pending_webhooks: 1 });
});

test('retries go on after a restart', async () => {
  const databaseFile = temporaryFile();
  const down = await startReceiver();
  await down.close();
  const options = {
    databaseFile,
    webhook: { url: down.url, secret: WEBHOOK_SECRET },
    retryDelaysMs: [200, 200, 200, 200, 200],
  };
  const before = await startForTest(options);
  const { id } = await clientOf(before).customers.create({});
  await before.close();
  const receiver = await startReceiver();
  const after = await startForTest({ ...options, webhook: { url: receiver.url, secret: WEBHOOK_SECRET } });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  expect(JSON.parse(receiver.received[0]?.body ?? '{}').data.object.id).toBe(id);
  await vi.waitFor(async () => {
    expect((await clientOf(after).events.list({ delivery_success: false })).data).toEqual([]);
  }, SOON);
});

test('each endpoint gets the events it asked for, under its own secret', async () => {
  const everything = await startReceiver();
  const products = await startReceiver();
  const standIn = await startForTest({ webhook: { url: everything.url, secret: WEBHOOK_SECRET } });
  const stripe = clientOf(standIn);
  const endpoint = await stripe.webhookEndpoints.create({
    url: products.url,
    enabled_events: ['product.created', 'product.updated'],
  });
  await stripe.customers.create({});
  await stripe.products.create({ name: 'P' });
  await vi.waitFor(() => expect(everything.received).toHaveLength(2), SOON);
  await vi.waitFor(() => expect(products.received).toHaveLength(1), SOON);
  const { headers, body } = products.received[0] ?? { headers: {}, body: '' };
  const event = stripe.webhooks.constructEvent(
    body,
    String(headers['stripe-signature']),
    String(endpoint.secret),
  );
  expect(event).toMatchObject({ type: 'product.created', pending_webhooks: 2 });
});

test('what was still due to an endpoint ends with the endpoint', async () => {
  const receiver = await startReceiver([500]);
  const stripe = clientOf(await startForTest({ retryDelaysMs: [60_000] }));
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] });
  await stripe.customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  await stripe.webhookEndpoints.del(endpoint.id);
  expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
});

test('setWebhook moves the configured endpoint', async () => {
  const old = await startReceiver();
  const current = await startReceiver();
  const standIn = await startForTest({ webhook: { url: old.url, secret: WEBHOOK_SECRET } });
  standIn.setWebhook(current.url, 'whsec_new');
  const stripe = clientOf(standIn);
  await stripe.customers.create({});
  await vi.waitFor(() => expect(current.received).toHaveLength(1), SOON);
  const { headers, body } = current.received[0] ?? { headers: {}, body: '' };
  stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), 'whsec_new');
  expect(old.received).toEqual([]);
  expect((await stripe.webhookEndpoints.list()).data.map(({ url }) => url)).toEqual([current.url]);
});

test('a refused request delivers nothing', async () => {
  const receiver = await startReceiver();
  const stripe = clientOf(await startForTest({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET } }));
  await stripe.prices
    .create({ currency: 'usd', product_data: { name: 'Orphan' } })
    .catch(() => 'refused, as intended');
  await stripe.customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  expect(receiver.received[0]?.body).toContain('customer.created');
});

test('while a secret is rolled, both verify', async () => {
  const receiver = await startReceiver();
  const standIn = await startForTest();
  standIn.setWebhook(receiver.url, 'whsec_new', 'whsec_old');
  const stripe = clientOf(standIn);
  await stripe.customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  const { headers, body } = receiver.received[0] ?? { headers: {}, body: '' };
  const signature = String(headers['stripe-signature']);
  for (const secret of ['whsec_new', 'whsec_old']) stripe.webhooks.constructEvent(body, signature, secret);
  expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow();
});

test('an endpoint is changed, disabled and enabled again', async () => {
  const receiver = await startReceiver();
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:1/',
    enabled_events: ['product.created'],
  });
  await stripe.webhookEndpoints.update(id, { url: receiver.url, enabled_events: ['*'], disabled: true });
  await stripe.customers.create({ name: 'while disabled' });
  const enabled = await stripe.webhookEndpoints.update(id, { disabled: false });
  expect(enabled).toMatchObject({ status: 'enabled', url: receiver.url, enabled_events: ['*'] });
  await stripe.customers.create({ name: 'while enabled' });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON);
  expect(receiver.received[0]?.body).toContain('while enabled');
});
