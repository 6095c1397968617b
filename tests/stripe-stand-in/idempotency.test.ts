import Stripe from 'stripe';
import { expect, test } from 'vitest';
import type { Fault } from '../../local/stripe/api/transact.ts';
import { CARD_ONLY, clientOf, refusalOf, startForTest, temporaryFile } from './harness.ts';

const FIVE_DOLLARS = { amount: 500, currency: 'usd' };
const DECLINED = {
  ...FIVE_DOLLARS,
  ...CARD_ONLY,
  confirm: true,
  payment_method: 'pm_card_chargeDeclined',
};

test('the same key with the same parameters replays the first answer', async () => {
  const stripe = clientOf(await startForTest());
  const first = await stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed');
  // The order in which parameters are sent does not matter.
  const second = await stripe.paymentIntents.create(
    { currency: 'usd', amount: 500 },
    { idempotencyKey: 'order:1' },
  );
  expect(second).toEqual(first);
  expect(second.lastResponse.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'original-request': first.lastResponse.requestId,
  });
  expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
});

test('a replay shows the answer of then, not the state of now', async () => {
  const stripe = clientOf(await startForTest());
  const create = () => stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  const { id } = await create();
  await stripe.paymentIntents.cancel(id);
  expect((await create()).status).toBe('requires_payment_method');
});

test('the same key for anything else is refused', async () => {
  const stripe = clientOf(await startForTest());
  await stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  const calls = [
    stripe.paymentIntents.create({ ...FIVE_DOLLARS, amount: 501 }, { idempotencyKey: 'order:1' }),
    stripe.paymentIntents.create({ ...FIVE_DOLLARS, description: 'x' }, { idempotencyKey: 'order:1' }),
    stripe.customers.create({}, { idempotencyKey: 'order:1' }),
  ];
  for (const call of calls) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(refusal.statusCode).toBe(400);
    expect(refusal.message).toContain("Try using a key other than 'order:1'");
  }
});

test('the same key for another object is refused, though the parameters are the same', async () => {
  const stripe = clientOf(await startForTest());
  const one = await stripe.paymentIntents.create(FIVE_DOLLARS);
  const other = await stripe.paymentIntents.create(FIVE_DOLLARS);
  await stripe.paymentIntents.cancel(one.id, {}, { idempotencyKey: 'cancel' });
  const refusal = await refusalOf(stripe.paymentIntents.cancel(other.id, {}, { idempotencyKey: 'cancel' }));
  expect(refusal).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  expect((await stripe.paymentIntents.retrieve(other.id)).status).toBe('requires_payment_method');
});

test('requests with the same key that overlap: one executes, the others are told to wait', async () => {
  const stripe = clientOf(await startForTest({ latencyMs: 100 }));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, () =>
      stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' }),
    ),
  );
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused).toHaveLength(5);
  for (const reason of refused) {
    expect(reason).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  }
  expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
  const later = await stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  expect(later.lastResponse.headers).toHaveProperty('idempotent-replayed');
});

test('an SDK that retries gets through a key in use to the one answer', async () => {
  const standIn = await startForTest({ latencyMs: 50 });
  const retrying = new Stripe('sk_test_standinSecretKey1234', {
    host: '127.0.0.1',
    port: standIn.port,
    protocol: 'http',
    maxNetworkRetries: 3,
  });
  const create = () => retrying.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  const intents = await Promise.all([create(), create(), create()]);
  expect(new Set(intents.map(({ id }) => id)).size).toBe(1);
});

test('a decline is replayed, and no second charge is tried', async () => {
  const stripe = clientOf(await startForTest());
  const pay = () => stripe.paymentIntents.create(DECLINED, { idempotencyKey: 'order:1' });
  const first = await refusalOf(pay());
  const second = await refusalOf(pay());
  expect(second).toMatchObject({ statusCode: 402, code: 'card_declined' });
  expect(second.payment_intent?.id).toBe(first.payment_intent?.id);
  expect(second.headers).toHaveProperty('idempotent-replayed', 'true');
  expect((await stripe.charges.list()).data).toHaveLength(1);
});

test('an error of the service is replayed too', async () => {
  const faults = ['api_error'] as ReturnType<Fault>[];
  const standIn = await startForTest({ fault: () => faults.shift() });
  const stripe = clientOf(standIn);
  const create = () => stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  expect(await refusalOf(create())).toMatchObject({ statusCode: 500, type: 'StripeAPIError' });
  const second = await refusalOf(create());
  expect(second.statusCode).toBe(500);
  expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true', 'stripe-should-retry': 'false' });
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});

test('an answer that was lost on the way is found again under its key', async () => {
  const faults = ['drop_answer', 'drop_answer'] as ReturnType<Fault>[];
  const stripe = clientOf(await startForTest({ fault: () => faults.shift() }));
  const create = () => stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  // The SDK asks once more by itself when a connection is cut, and reads the remembered answer.
  const intent = await create();
  expect(intent.lastResponse.headers).toHaveProperty('idempotent-replayed', 'true');
  expect((await stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([intent.id]);
});

test('what was refused before execution is not remembered', async () => {
  const stripe = clientOf(await startForTest());
  const options = { idempotencyKey: 'order:1' };
  await refusalOf(stripe.paymentIntents.create({ ...FIVE_DOLLARS, amount: 49 }, options));
  expect((await stripe.paymentIntents.create(FIVE_DOLLARS, options)).amount).toBe(500);
});

test('what was refused for the state of things is remembered', async () => {
  const stripe = clientOf(await startForTest());
  const { id } = await stripe.paymentIntents.create({ ...FIVE_DOLLARS, ...CARD_ONLY });
  const confirm = () => stripe.paymentIntents.confirm(id, {}, { idempotencyKey: 'confirm' });
  const first = await refusalOf(confirm());
  await stripe.paymentIntents.update(id, { payment_method: 'pm_card_visa' });
  const second = await refusalOf(confirm());
  expect(second).toMatchObject({ statusCode: 400, message: first.message });
  expect(second.headers).toHaveProperty('idempotent-replayed', 'true');
});

test('a key is at most 255 characters long', async () => {
  const stripe = clientOf(await startForTest());
  await stripe.customers.create({}, { idempotencyKey: 'k'.repeat(255) });
  const refusal = await refusalOf(stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) }));
  expect(refusal.statusCode).toBe(400);
  expect((await stripe.customers.list()).data).toHaveLength(1);
});

test('a key survives a restart and expires after 24 hours', async () => {
  let nowMs = Date.UTC(2027, 0, 1);
  const options = { databaseFile: temporaryFile(), now: () => nowMs };
  const before = await startForTest(options);
  const create = (stripe: Stripe) =>
    stripe.paymentIntents.create(FIVE_DOLLARS, { idempotencyKey: 'order:1' });
  const first = await create(clientOf(before));
  await before.close();
  const after = clientOf(await startForTest(options));
  nowMs += 24 * 60 * 60 * 1000 - 1;
  expect((await create(after)).id).toBe(first.id);
  nowMs += 1;
  expect((await create(after)).id).not.toBe(first.id);
});
