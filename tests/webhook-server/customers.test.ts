import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { showFigures } from '../../webhook-server/operations/show-figures.ts';
import { createCustomer } from '../../webhook-server/queue/create-customer.ts';
import type { Person } from '../support/database.ts';
import { findLostJobs, makeAllDue, workJobs } from '../support/queue.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let deps: Dependencies;
let operator: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  deps = sidecar.deps;
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
afterAll(() => sidecar.close());

const work = () => workJobs(sidecar, 'create_customer', createCustomer);
async function customerOf(person: Person): Promise<string | null> {
  const [row] = await sidecar.database
    .sql`select stripe_customer_id as id from users where id = ${person.id}`;
  return row?.id as string | null;
}
const atStripe = async (person: Person) =>
  (await sidecar.stripe.customers.list({ limit: 100 })).data.filter(
    ({ metadata }) => metadata.user_id === person.id,
  );

test('everybody who signs up gets one customer, without having waited for it', async () => {
  const people = await Promise.all([1, 2, 3].map(() => sidecar.database.signUp()));
  expect(await Promise.all(people.map(customerOf))).toEqual([null, null, null]);
  await Promise.all([work(), work()]);
  for (const person of people) {
    const customers = await atStripe(person);
    expect(customers.map(({ id }) => id)).toEqual([await customerOf(person)]);
    expect(customers[0]?.email).toBe(person.email);
  }
  await showFigures(deps);
  expect(await deps.metrics.registry.metrics()).toContain('mindbot_people_without_customer 0');
});

test('a customer whose making broke off is found again, not made twice', async () => {
  const person = await sidecar.database.signUp();
  await work();
  const made = await customerOf(person);
  // Made at Stripe, and neither noted nor marked: the process had died there.
  await sidecar.database.sql`update users set stripe_customer_id = null where id = ${person.id}`;
  await sidecar.database
    .sql`update pgboss.job set state = 'active' where singleton_key = ${`customer:${person.id}`}`;
  await findLostJobs(sidecar);
  await makeAllDue(sidecar);
  await work();
  expect(await customerOf(person)).toBe(made);
  expect((await atStripe(person)).map(({ id }) => id)).toEqual([made]);
});

test('who buys before their turn has one customer only', async () => {
  const person = await sidecar.database.signUp();
  await Promise.all([sidecar.begin(person), work()]);
  expect((await atStripe(person)).map(({ id }) => id)).toEqual([await customerOf(person)]);
});

test('a deleted customer is forgotten once, and a new one is made', async () => {
  const person = await sidecar.database.signUp();
  await work();
  const old = (await customerOf(person)) ?? '';
  await sidecar.stripe.customers.del(old);
  const forget = () => sidecar.database.service.rpc('forget_customer', { p_customer_id: old });
  const answers = await Promise.all([forget(), forget()]);
  expect(answers.map(({ data }) => (data as { status: string }).status).toSorted()).toEqual([
    'forgotten',
    'unknown_customer',
  ]);
  expect(await customerOf(person)).toBeNull();
  await work();
  const renewed = await customerOf(person);
  expect(renewed).toMatch(/^cus_/);
  expect(renewed).not.toBe(old);
});

test('operators see who has none and why, and repair it', async () => {
  const person = await sidecar.database.signUp();
  const { sql } = sidecar.database;
  await sql`update pgboss.job set state = 'failed', started_on = now(), completed_on = now(), retry_count = 19,
    output = '{"reason": "StripeConnectionError: away"}' where singleton_key = ${`customer:${person.id}`}`;
  const list = await sidecar.get('/operator/people-without-customer?limit=5', { person: operator });
  expect(list.body).toMatchObject({
    count: 1,
    people: [{ user_id: person.id, attempts: 20, last_error: 'StripeConnectionError: away' }],
  });
  const repair = () => sidecar.post(`/operator/users/${person.id}/customer`, { person: operator });
  expect(await repair()).toMatchObject({ status: 202, body: { status: 'begun' } });
  expect(await repair()).toMatchObject({ status: 202, body: { status: 'under_way' } });
  await work();
  expect(await customerOf(person)).toMatch(/^cus_/);
  expect(await repair()).toMatchObject({ status: 202, body: { status: 'has_customer' } });
  // Lost by hand, with nothing owed any more.
  await sql`delete from pgboss.job where singleton_key = ${`customer:${person.id}`}`;
  await sql`update users set stripe_customer_id = null where id = ${person.id}`;
  expect(await repair()).toMatchObject({ status: 202, body: { status: 'begun' } });
  await work();
  expect(await customerOf(person)).toMatch(/^cus_/);
  expect((await sidecar.post(`/operator/users/${randomUUID()}/customer`, { person: operator })).status).toBe(
    404,
  );
});

test('operators list what was given up and retry it', async () => {
  const { sql } = sidecar.database;
  const key = `test:${randomUUID()}`;
  await sql`select private.enqueue('notice', ${key}, '{}')`;
  await sql`update pgboss.job set state = 'failed', started_on = now(), completed_on = now(), retry_count = 19,
    output = '{"reason": "Error: why"}' where singleton_key = ${key}`;
  const list = await sidecar.get('/operator/outbox/parked', { person: operator });
  const { items } = list.body as { items: { id: string; key: string }[] };
  expect(items).toMatchObject([{ kind: 'notice', key, attempts: 20, last_error: 'Error: why' }]);
  const retry = () => sidecar.post(`/operator/outbox/${items[0]?.id}/retry`, { person: operator });
  expect(await retry()).toMatchObject({ status: 200, body: { status: 'retried' } });
  expect(await retry()).toMatchObject({ status: 200, body: { status: 'waiting' } });
  const [row] = await sql`select retry_count, state from pgboss.job where singleton_key = ${key}`;
  expect(row).toEqual({ retry_count: 0, state: 'retry' });
  expect((await sidecar.post(`/operator/outbox/${randomUUID()}/retry`, { person: operator })).status).toBe(
    404,
  );
});

test.each([
  ['get', '/operator/outbox/parked'],
  ['get', '/operator/people-without-customer'],
  ['post', `/operator/outbox/${randomUUID()}/retry`],
  ['post', `/operator/users/${randomUUID()}/customer`],
] as const)('nobody else may %s %s', async (method, path) => {
  const person = await sidecar.database.signUp();
  const answer = await sidecar[method](path, { person });
  expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  expect((await sidecar[method](path)).status).toBe(401);
});
