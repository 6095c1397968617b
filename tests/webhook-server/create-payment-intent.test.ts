import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

const create = (person: Person, key: string, body: unknown = { package_id: 'basic' }) =>
  sidecar.post('/create-payment-intent', { person, body, headers: { 'idempotency-key': key } });

test('begins a purchase: an intent with its price, its customer and its origin', async () => {
  const person = await sidecar.database.signUp();
  const answer = await create(person, 'first');
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const body = answer.body as { payment_intent_id: string; client_secret: string };
  expect(body).toMatchObject({ amount_cents: 4499, currency: 'usd', package_id: 'basic' });
  expect(body.client_secret).toContain(body.payment_intent_id);

  const intent = await sidecar.stripe.paymentIntents.retrieve(body.payment_intent_id, {
    expand: ['customer'],
  });
  expect(intent.metadata).toMatchObject({ user_id: person.id, package_id: 'basic', for: 'me' });
  expect(intent.customer).toMatchObject({ email: person.email, metadata: { user_id: person.id } });
});

test('the same key 20 times at once is one purchase, one intent, one customer', async () => {
  const person = await sidecar.database.signUp();
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(person, 'same')));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const customers = await sidecar.stripe.customers.list({ email: person.email });
  expect(customers.data).toHaveLength(1);
});

test('a second purchase uses the same customer', async () => {
  const person = await sidecar.database.signUp();
  await create(person, 'one');
  await create(person, 'two', { package_id: 'pro', for: 'gift' });
  const customers = await sidecar.stripe.customers.list({ email: person.email });
  expect(customers.data).toHaveLength(1);
});

test('makes a new customer where Stripe does not know the stored one', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.database
    .sql`update users set stripe_customer_id = 'cus_of_another_account' where id = ${person.id}`;
  expect((await create(person, 'moved')).status).toBe(201);
  const customers = await sidecar.stripe.customers.list({ email: person.email });
  const [user] = await sidecar.database.sql`select stripe_customer_id from users where id = ${person.id}`;
  expect(user?.stripe_customer_id).toBe(customers.data[0]?.id);
});

test('a key means one purchase of one person', async () => {
  const [one, other] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const first = await create(one, 'shared key');
  const reused = await create(one, 'shared key', { package_id: 'pro' });
  expect([reused.status, codeOf(reused)]).toEqual([409, 'idempotency_key_reused']);
  const gift = await create(one, 'shared key', { package_id: 'basic', for: 'gift' });
  expect([gift.status, codeOf(gift)]).toEqual([409, 'idempotency_key_reused']);
  expect((await create(other, 'shared key')).text).not.toBe(first.text);
});

test('a paid purchase answers its intent again', async () => {
  const person = await sidecar.database.signUp();
  const first = await create(person, 'paid', { package_id: 'starter' });
  const { payment_intent_id: intentId } = first.body as { payment_intent_id: string };
  await sidecar.pay(intentId);
  expect((await create(person, 'paid', { package_id: 'starter' })).text).toBe(first.text);
});

test('refuses what is not a purchase', async () => {
  const person = await sidecar.database.signUp();
  const cases: [string, unknown, number, string][] = [
    ['k1', { package_id: 'platinum' }, 404, 'unknown_package'],
    ['k2', { package_id: 'basic', for: 'everybody' }, 400, 'invalid_request'],
    ['k3', { package_id: 'basic', amount_cents: 1 }, 400, 'invalid_request'],
    ['k4', {}, 400, 'invalid_request'],
    ['k5', ['basic'], 400, 'invalid_request'],
    ['', { package_id: 'basic' }, 400, 'idempotency_key_missing'],
    ['x'.repeat(256), { package_id: 'basic' }, 400, 'idempotency_key_missing'],
  ];
  for (const [key, body, status, code] of cases) {
    const answer = await create(person, key, body);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  }
  const without = await sidecar.post('/create-payment-intent', { person, body: { package_id: 'basic' } });
  expect(codeOf(without)).toBe('idempotency_key_missing');
});

test('a price is frozen when its purchase begins', async () => {
  const person = await sidecar.database.signUp();
  await create(person, 'frozen', { package_id: 'enterprise' });
  await sidecar.database.sql`update pricing_tiers set price_cents = 1 * 100 where id = 'enterprise'`;
  const again = await create(person, 'frozen', { package_id: 'enterprise' });
  expect(again.body).toMatchObject({ amount_cents: 29999 });
  const fresh = await create(person, 'after the change', { package_id: 'enterprise' });
  expect(fresh.body).toMatchObject({ amount_cents: 100 });
});
