import { expect, test } from 'vitest';
import { CARD_ONLY, clientOf, refusalOf, startForTest, startReceiver } from './harness.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('a payment leaves its events, newest first, with the request that caused them', async () => {
  const stripe = clientOf(await startForTest());
  const intent = await stripe.paymentIntents.create(
    { amount: 500, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', ...CARD_ONLY },
    { idempotencyKey: 'order:1' },
  );
  const { data } = await stripe.events.list();
  expect(data.map(({ type }) => type)).toEqual([
    'payment_intent.succeeded',
    'charge.succeeded',
    'payment_intent.created',
  ]);
  expect(data[0]).toMatchObject({
    object: 'event',
    api_version: '2026-10-28.endive',
    livemode: false,
    pending_webhooks: 0,
    request: { id: intent.lastResponse.requestId, idempotency_key: 'order:1' },
    data: { object: { id: intent.id, status: 'succeeded' } },
  });
  expect(await stripe.events.retrieve(String(data[0]?.id))).toEqual(data[0]);
});

test('events show the object as it was, and an update says what it changed', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.customers.create({ name: 'Ann' });
  await stripe.customers.update(id, { name: 'Anna' });
  await stripe.customers.update(id, { name: 'Annabel' });
  const [second, first] = (await stripe.events.list({ type: 'customer.updated' })).data;
  expect(first?.data).toMatchObject({ object: { name: 'Anna' }, previous_attributes: { name: 'Ann' } });
  expect(second?.data).toMatchObject({ object: { name: 'Annabel' }, previous_attributes: { name: 'Anna' } });
});

test('events are filtered by type, types, wildcard and time', async () => {
  let nowMs = 1_000_000_000_000;
  const stripe = clientOf(await startForTest({ now: () => nowMs }));
  await stripe.customers.create({});
  nowMs += 10_000;
  await stripe.products.create({ name: 'P' });
  nowMs += 10_000;
  await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  const types = async (params: Parameters<typeof stripe.events.list>[0]) =>
    (await stripe.events.list(params)).data.map(({ type }) => type);
  expect(await types({ type: 'product.created' })).toEqual(['product.created']);
  expect(await types({ types: ['customer.created', 'product.created'] })).toEqual([
    'product.created',
    'customer.created',
  ]);
  expect(await types({ type: 'payment_intent.*' })).toEqual(['payment_intent.created']);
  expect(await types({ created: { gte: 1_000_000_010 } })).toEqual([
    'payment_intent.created',
    'product.created',
  ]);
  expect(await types({ created: { gt: 1_000_000_010 } })).toEqual(['payment_intent.created']);
  expect(await types({ created: { lte: 1_000_000_010 } })).toEqual(['product.created', 'customer.created']);
  expect(await types({ created: { lt: 1_000_000_010 } })).toEqual(['customer.created']);
  expect(await types({ created: 1_000_000_010 })).toEqual(['product.created']);
  const both = stripe.events.list({ type: 'product.created', types: ['customer.created'] });
  expect((await refusalOf(both)).statusCode).toBe(400);
});

test('pages go forwards and backwards without gaps, though all events share one second', async () => {
  const stripe = clientOf(await startForTest({ now: () => 1_000_000_000_000 }));
  for (let n = 0; n < 25; n += 1) await stripe.customers.create({ name: `c${n}` });
  const all = await stripe.customers.list({ limit: 100 });
  const ids = all.data.map(({ id }) => id);
  expect(all.data[0]?.name).toBe('c24');
  expect(all.has_more).toBe(false);
  const first = await stripe.customers.list();
  expect(first.has_more).toBe(true);
  expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 10));
  const second = await stripe.customers.list({ limit: 10, starting_after: String(ids[9]) });
  expect(second.data.map(({ id }) => id)).toEqual(ids.slice(10, 20));
  const last = await stripe.customers.list({ limit: 10, starting_after: String(ids[19]) });
  expect(last.data.map(({ id }) => id)).toEqual(ids.slice(20));
  expect(last.has_more).toBe(false);
  const back = await stripe.customers.list({ limit: 10, ending_before: String(ids[20]) });
  expect(back.data.map(({ id }) => id)).toEqual(ids.slice(10, 20));
  expect(back.has_more).toBe(true);
  const collected: string[] = [];
  for await (const { id } of stripe.customers.list({ limit: 7 })) collected.push(id);
  expect(collected).toEqual(ids);
  const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  expect(events).toHaveLength(25);
});

test.each([
  [{ limit: 0 }, { code: 'parameter_invalid_integer', param: 'limit' }],
  [{ limit: 101 }, { code: 'parameter_invalid_integer', param: 'limit' }],
  [{ starting_after: 'evt_none' }, { code: 'resource_missing', param: 'starting_after' }],
  [{ starting_after: 'evt_a', ending_before: 'evt_b' }, { param: 'ending_before' }],
  [{ created: { since: 1 } }, {}],
  [{ typ: 'x' }, { code: 'parameter_unknown' }],
])('a list with %j is refused', async (params, expected) => {
  const stripe = clientOf(await startForTest());
  expect(await refusalOf(stripe.events.list(params as never))).toMatchObject({
    statusCode: 400,
    ...expected,
  });
});

test('events are kept for thirty days', async () => {
  let nowMs = 1_000_000_000_000;
  const stripe = clientOf(await startForTest({ now: () => nowMs }));
  await stripe.customers.create({});
  const id = String((await stripe.events.list()).data[0]?.id);
  nowMs += 30 * DAY_MS;
  expect((await stripe.events.list()).data).toHaveLength(1);
  nowMs += 1000;
  expect((await stripe.events.list()).data).toEqual([]);
  expect((await refusalOf(stripe.events.retrieve(id))).statusCode).toBe(404);
});

test('an event without any endpoint counts as delivered', async () => {
  const stripe = clientOf(await startForTest());
  await stripe.customers.create({});
  expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
});

test('endpoints are created, listed and deleted; the secret is shown once', async () => {
  const receiver = await startReceiver();
  const stripe = clientOf(await startForTest());
  const created = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['product.created'],
  });
  expect(created.secret).toMatch(/^whsec_/);
  const listed = await stripe.webhookEndpoints.list();
  expect(listed.data.map(({ id }) => id)).toEqual([created.id]);
  expect(listed.data[0]).not.toHaveProperty('secret');
  expect(await stripe.webhookEndpoints.del(created.id)).toMatchObject({ id: created.id, deleted: true });
  expect((await refusalOf(stripe.webhookEndpoints.del(created.id))).statusCode).toBe(404);
  await stripe.products.create({ name: 'P' });
  expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
});

test.each([
  [{ url: 'nonsense', enabled_events: ['*'] }, 'url'],
  [{ url: 'ftp://example.com', enabled_events: ['*'] }, 'url'],
  [{ url: 'http://127.0.0.1:1', enabled_events: [] }, 'enabled_events'],
])('an endpoint %j is refused', async (params, param) => {
  const stripe = clientOf(await startForTest());
  const refusal = await refusalOf(stripe.webhookEndpoints.create(params as never));
  expect(refusal).toMatchObject({ statusCode: 400, param });
});
