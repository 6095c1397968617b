import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { expect, test, vi } from 'vitest';
import type { FaultRule } from '../../local/stripe/faults/fault-plan.ts';
import { retryWaitsMs } from '../../local/stripe/webhooks/webhook-dispatcher.ts';
import { patience } from '../support/patience.ts';
import {
  clientOf,
  PUBLISHABLE_KEY,
  refusalOf,
  SECRET_KEY,
  startForTest,
  startReceiver,
  WEBHOOK_SECRET,
} from './harness.ts';

const SOON = { timeout: patience(10_000), interval: 10 };

async function startWithReceiver(faults: FaultRule[], answers: (number | 'never')[] = []) {
  const receiver = await startReceiver(answers);
  const standIn = await startForTest({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET }, faults });
  const received = () => receiver.received.map(({ body }) => JSON.parse(body) as Stripe.Event);
  return { standIn, stripe: clientOf(standIn), received };
}

function control(standIn: { url: string }, method: string, body?: object, key = SECRET_KEY) {
  return fetch(`${standIn.url}/_faults`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('a duplicated event arrives twice with the same id, the next one once', async () => {
  const { stripe, received } = await startWithReceiver([
    { on: 'delivery', type: 'customer.*', fault: 'duplicate' },
  ]);
  await stripe.customers.create({});
  await vi.waitFor(() => expect(received()).toHaveLength(2), SOON);
  await stripe.customers.create({});
  await vi.waitFor(() => expect(received()).toHaveLength(3), SOON);
  await sleep(100);
  const ids = received().map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([3, 2]);
});

test('a dropped event never arrives and stays listed as undelivered', async () => {
  const { stripe, received } = await startWithReceiver([{ on: 'delivery', fault: 'drop' }]);
  const lost = await stripe.customers.create({});
  await stripe.customers.create({});
  await vi.waitFor(() => expect(received()).toHaveLength(1), SOON);
  await sleep(100);
  expect(received()).toHaveLength(1);
  const undelivered = (await stripe.events.list({ delivery_success: false })).data;
  expect(undelivered.map(({ data }) => Reflect.get(data.object, 'id'))).toEqual([lost.id]);
});

test('held events arrive newest first', async () => {
  const { stripe, received } = await startWithReceiver([
    { on: 'delivery', fault: 'reorder', delay_ms: 300, times: 3 },
  ]);
  for (const name of ['a', 'b', 'c']) await stripe.customers.create({ name });
  await vi.waitFor(() => expect(received()).toHaveLength(3), SOON);
  expect(received().map(({ data }) => Reflect.get(data.object, 'name'))).toEqual(['c', 'b', 'a']);
});

test('a delayed event is overtaken', async () => {
  const { stripe, received } = await startWithReceiver([{ on: 'delivery', fault: 'delay', delay_ms: 400 }]);
  for (const name of ['late', 'early']) await stripe.customers.create({ name });
  await vi.waitFor(() => expect(received()).toHaveLength(2), SOON);
  expect(received().map(({ data }) => Reflect.get(data.object, 'name'))).toEqual(['early', 'late']);
});

test('an answer that never comes was done all the same, and the key finds it again', async () => {
  const standIn = await startForTest({
    faults: [{ on: 'request', method: 'POST', path: '/v1/customers', fault: 'hang' }],
  });
  const stripe = clientOf(standIn);
  const options = { idempotencyKey: 'one', timeout: 300 };
  const refusal = await refusalOf(stripe.customers.create({ name: 'A' }, options));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeConnectionError);
  const again = await stripe.customers.create({ name: 'A' }, options);
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect((await stripe.customers.list()).data.map(({ id }) => id)).toEqual([again.id]);
});

test('too many requests are refused before anything is done', async () => {
  const standIn = await startForTest({ faults: [{ on: 'request', fault: 'rate_limited' }] });
  const stripe = clientOf(standIn);
  const refusal = await refusalOf(stripe.customers.create({}, { idempotencyKey: 'one' }));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
  expect((await stripe.customers.list()).data).toEqual([]);
  expect((await stripe.customers.create({}, { idempotencyKey: 'one' })).id).toMatch(/^cus_/);
});

test('a person plans faults over the control route, sees what is left, and takes them back', async () => {
  const standIn = await startForTest();
  const stripe = clientOf(standIn);
  const rule = { on: 'request', path: '/v1/customers*', fault: 'api_error', times: 2 };
  expect((await control(standIn, 'PUT', { faults: [rule] })).status).toBe(200);
  expect(await refusalOf(stripe.customers.list())).toMatchObject({ statusCode: 500 });
  expect((await stripe.products.list()).data).toEqual([]);
  expect(await (await control(standIn, 'GET')).json()).toEqual({ faults: [{ ...rule, times: 1 }] });
  await control(standIn, 'DELETE');
  expect((await stripe.customers.list()).data).toEqual([]);
  expect((await control(standIn, 'PUT', { faults: [{ on: 'request', fault: 'fire' }] })).status).toBe(400);
  expect((await control(standIn, 'PUT', { faults: [] }, PUBLISHABLE_KEY)).status).toBe(403);
  expect((await control(standIn, 'PUT', { faults: [] }, 'sk_test_wrong')).status).toBe(401);
});

test('at scale 1 events are tried again for three days, ever more slowly', () => {
  const waits = retryWaitsMs(1);
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  expect(days).toBeGreaterThan(2.5);
  expect(days).toBeLessThanOrEqual(3);
  expect(waits).toEqual([...waits].sort((one, other) => one - other));
  expect(retryWaitsMs(1 / 600)[0]).toBe(500);
});

test('the scale decides how soon an event is tried again', async () => {
  const receiver = await startReceiver([500, 500]);
  const standIn = await startForTest({
    webhook: { url: receiver.url, secret: WEBHOOK_SECRET },
    retryScale: 1 / 30_000,
  });
  await clientOf(standIn).customers.create({});
  await vi.waitFor(() => expect(receiver.received).toHaveLength(3), SOON);
});
