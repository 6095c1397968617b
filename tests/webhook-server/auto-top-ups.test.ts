import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { chargeAutoTopUp } from '../../webhook-server/auto-top-ups/charge-auto-top-up.ts';
import { decideAutoTopUps } from '../../webhook-server/auto-top-ups/decide-auto-top-ups.ts';
import type { Person } from '../support/database.ts';
import { makeAllDue, workJobs } from '../support/queue.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
});
beforeEach(async () => {
  await sidecar.database.sql`delete from pgboss.job`;
  await sidecar.database.sql`update private.auto_top_ups set status = 'disabled', stop_reason = null`;
  person = await sidecar.database.signUp();
});
afterAll(() => sidecar.close());

const path = () => `/user/${person.id}/auto-top-up`;
/** A card saved at Stripe for the person's customer. */
async function saveCard(card = 'pm_card_visa', owner = person): Promise<string> {
  const { sql } = sidecar.database;
  const [row] = await sql`select stripe_customer_id as id from users where id = ${owner.id}`;
  const customer = (row?.id as string | null) ?? (await sidecar.stripe.customers.create({})).id;
  await sql`update users set stripe_customer_id = ${customer} where id = ${owner.id}`;
  return (await sidecar.stripe.paymentMethods.attach(card, { customer })).id;
}
const consent = (paymentMethodId: string, terms: object = {}) =>
  sidecar.post(path(), {
    person,
    body: {
      package_id: 'starter',
      threshold_seconds: 600,
      monthly_cap_cents: 2500,
      payment_method_id: paymentMethodId,
      consent: true,
      ...terms,
    },
  });
const read = async () => (await sidecar.get(path(), { person })).body as Record<string, unknown>;
const work = () => workJobs(sidecar, 'auto_top_up', chargeAutoTopUp);
async function round(): Promise<void> {
  await decideAutoTopUps(sidecar.deps);
  await makeAllDue(sidecar);
  await work();
}
const settled = () => until(async () => (await read()).charge_in_flight === false);
const charges = async () =>
  (await sidecar.stripe.charges.list({ limit: 100 })).data.filter(
    (charge) => charge.metadata.user_id === person.id || charge.paid,
  );
async function paidOf(owner: Person): Promise<number> {
  const [row] = await sidecar.database
    .sql`select count(*)::int as n from purchases where user_id = ${owner.id} and status = 'succeeded'`;
  return row?.n as number;
}

test('low on time: the package is bought with the saved card, up to the cap of the month', async () => {
  expect(await read()).toEqual({ status: 'not_set' });
  const before = (await charges()).length;
  expect((await consent(await saveCard())).body).toMatchObject({ status: 'active', charge_in_flight: false });
  await Promise.all([round(), round(), round()]);
  await settled();
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await round();
  expect(await sidecar.balanceOf(person)).toBe(3600);
  const { sql } = sidecar.database;
  const talk = () => sql`select public.deduct_user_time(${person.id}, 55)`;
  await talk();
  await round();
  await until(async () => (await paidOf(person)) === 2);
  await settled();
  await talk();
  await talk();
  await round();
  expect(await read()).toMatchObject({ status: 'active', charged_this_month_cents: 1998 });
  expect(await paidOf(person)).toBe(2);
  expect((await charges()).length - before).toBe(2);
  await sidecar.expectSound();
});

test('an answer that gets lost, and a job that four replicas do at once, lead to one charge', async () => {
  await consent(await saveCard());
  await decideAutoTopUps(sidecar.deps);
  let dropped = 0;
  sidecar.failStripe(({ path: asked }) => {
    if (!asked.endsWith('/confirm')) return undefined;
    dropped++;
    return 'drop_answer';
  });
  const [row] = await sidecar.database
    .sql`select id, singleton_key as key, data as payload from pgboss.job where name = 'auto_top_up'`;
  const job = { id: row?.id, key: row?.key, payload: row?.payload, attempt: 1, ageSeconds: 0 };
  const answers = await Promise.allSettled([1, 2, 3, 4].map(() => chargeAutoTopUp(sidecar.deps, job)));
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  expect(dropped).toBeGreaterThan(0);
  sidecar.failStripe(() => undefined);
  await round();
  await until(async () => (await paidOf(person)) === 1);
  await settled();
  await round();
  expect(await paidOf(person)).toBe(1);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  const [order] = await sidecar.database
    .sql`select payment_intent_id as id from purchases where user_id = ${person.id}`;
  const made = await sidecar.stripe.charges.list({ payment_intent: order?.id as string });
  expect(made.data.map(({ status }) => status)).toEqual(['succeeded']);
});

test('two declines stop it until the person acts, and nothing of them can be paid later', async () => {
  await consent(await saveCard('pm_card_chargeCustomerFail'));
  for (let i = 0; i < 5; i++) {
    await round();
    await settled();
  }
  expect(await read()).toMatchObject({
    status: 'stopped',
    consecutive_declines: 2,
    charged_this_month_cents: 0,
  });
  const { sql } = sidecar.database;
  const orders = await sql`select payment_intent_id as id from purchases where user_id = ${person.id}`;
  expect(orders).toHaveLength(2);
  for (const { id } of orders) {
    expect((await sidecar.stripe.paymentIntents.retrieve(id as string)).status).toBe('canceled');
  }
  const [notice] =
    await sql`select data as payload from pgboss.job where data ->> 'notice' = 'top_up_stopped'`;
  expect(notice?.payload).toMatchObject({ user_id: person.id, reason: 'declined' });
  expect((await consent(await saveCard())).body).toMatchObject({ status: 'active', consecutive_declines: 0 });
  await round();
  await until(async () => (await paidOf(person)) === 1);
});

test('disabled before the charge is sent: nothing is charged', async () => {
  await consent(await saveCard());
  await decideAutoTopUps(sidecar.deps);
  const disabled = await sidecar.post(`${path()}/disable`, { person });
  expect(disabled.body).toMatchObject({ status: 'disabled', charge_in_flight: true });
  await work();
  expect(await read()).toMatchObject({ status: 'disabled', charge_in_flight: false });
  expect(await paidOf(person)).toBe(0);
});

const REFUSED: [what: string, card: () => Promise<string>, terms: object][] = [
  ['somebody else’s card', async () => saveCard('pm_card_visa', await sidecar.database.signUp()), {}],
  ['a card that is not saved', async () => 'pm_unknown', {}],
  ['a cap below the price', () => saveCard(), { monthly_cap_cents: 998 }],
  ['a threshold above what the package gives', () => saveCard(), { threshold_seconds: 3601 }],
  ['no consent', () => saveCard(), { consent: false }],
  ['an amount of their own', () => saveCard(), { amount_cents: 1 }],
];
test.each(REFUSED)('refuses %s', async (_what, card, terms) => {
  const answer = await consent(await card(), terms);
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  expect(await read()).toEqual({ status: 'not_set' });
});

test('only one’s own', async () => {
  const other = await sidecar.database.signUp();
  const answers = [
    await sidecar.get(path(), { person: other }),
    await sidecar.post(path(), { person: other, body: {} }),
    await sidecar.post(`${path()}/disable`, { person: other }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect((await consent(await saveCard(), { package_id: `no-${randomUUID()}` })).status).toBe(404);
});

test('a decline whose cancellation got no answer is over at Stripe in the end', async () => {
  await consent(await saveCard('pm_card_chargeCustomerFail'));
  let failed = 0;
  sidecar.failStripe(({ path: asked }) => {
    if (!asked.endsWith('/cancel') || failed >= 3) return undefined;
    failed++;
    return 'api_error';
  });
  await decideAutoTopUps(sidecar.deps);
  await work();
  sidecar.failStripe(() => undefined);
  await settled();
  expect(failed).toBeGreaterThan(0);
  await makeAllDue(sidecar);
  await work();
  const [order] = await sidecar.database
    .sql`select payment_intent_id as id from purchases where user_id = ${person.id} order by created_at limit 1`;
  expect((await sidecar.stripe.paymentIntents.retrieve(order?.id as string)).status).toBe('canceled');
});

test('three refunds by an operator lead to one charge', async () => {
  await consent(await saveCard());
  await round();
  await until(async () => (await paidOf(person)) === 1);
  const operator = await sidecar.database.signUp();
  const { sql } = sidecar.database;
  await sql`update users set role = 'operator' where id = ${operator.id}`;
  const [order] = await sql`select id from purchases where user_id = ${person.id}`;
  for (const amount_cents of [333, 333, 333]) {
    await sidecar.post(`/operator/purchases/${order?.id}/refund`, {
      person: operator,
      body: { amount_cents, reason: 'not wanted' },
      headers: { 'idempotency-key': randomUUID() },
    });
    await round();
  }
  expect(await paidOf(person)).toBe(1);
  expect(await read()).toMatchObject({ status: 'stopped', stop_reason: 'money_back' });
});

test('what Stripe refuses to begin ends the charge, and does not block the next', async () => {
  await consent(await saveCard());
  await decideAutoTopUps(sidecar.deps);
  // As an amount that is too small for its currency.
  await sidecar.database.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`update purchases set currency = 'sek', amount_cents = 60 where user_id = ${person.id}`;
  });
  await work();
  expect(await read()).toMatchObject({ charge_in_flight: false, consecutive_declines: 1 });
});

test('the price that the person was shown is the one consented to, or none', async () => {
  const card = await saveCard();
  const answer = await consent(card, { price_cents: 998, currency: 'usd' });
  expect([answer.status, codeOf(answer)]).toEqual([409, 'price_changed']);
  const shown = { price_cents: 999, currency: 'usd' };
  expect((await consent(card, shown)).body).toMatchObject({ ...shown, stop_reason: null });
});
