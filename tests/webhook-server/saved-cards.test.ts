import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AutoTopUpResponse } from '../../shared/api/auto-top-up.ts';
import type { SavedCard, SavedCardsResponse } from '../../shared/api/saved-cards.ts';
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
  await sidecar.database.sql`update private.auto_top_ups set status = 'disabled'`;
  person = await sidecar.database.signUp();
});
afterAll(() => sidecar.close());

const methods = (owner = person) => `/user/${owner.id}/payment-methods`;
const listOf = (body: unknown): SavedCard[] => (body as SavedCardsResponse).payment_methods;
const cards = async () => listOf((await sidecar.get(methods(), { person })).body);
const begin = (key: string, keep?: boolean) =>
  sidecar.post('/create-payment-intent', {
    person,
    body: { package_id: 'starter', ...(keep !== undefined && { keep_card: keep }) },
    headers: { 'idempotency-key': key },
  });
async function orderOf(key: string) {
  const [row] = await sidecar.database.sql`select * from purchases where idempotency_key = ${key}`;
  return row ?? {};
}

/** Buys an hour and has the card kept. */
async function buyAndKeep(card = 'pm_card_visa'): Promise<SavedCard> {
  const before = await sidecar.balanceOf(person);
  const { body } = await begin(randomUUID(), true);
  await sidecar.pay((body as { payment_intent_id: string }).payment_intent_id, card);
  await until(async () => (await sidecar.balanceOf(person)) > before);
  const [newest] = await cards();
  if (newest === undefined) throw new Error('no card was kept');
  return newest;
}

test('a card is kept only with consent, which can be taken back until paying', async () => {
  const key = randomUUID();
  const { payment_intent_id: intentId } = (await begin(key)).body as { payment_intent_id: string };
  const usage = async () => (await sidecar.stripe.paymentIntents.retrieve(intentId)).setup_future_usage;
  expect(await usage()).toBeNull();
  expect((await orderOf(key)).card_consent_at).toBeNull();
  await begin(key, true);
  expect(await usage()).toBe('off_session');
  expect((await orderOf(key)).card_consent_at).toBeInstanceOf(Date);
  // A repeat that does not speak of it changes nothing.
  await begin(key);
  expect(await usage()).toBe('off_session');
  await begin(key, false);
  expect(await usage()).toBeNull();
  expect((await orderOf(key)).card_consent_at).toBeNull();
  await sidecar.pay(intentId);
  await until(async () => (await sidecar.balanceOf(person)) === 3600);
  expect(await cards()).toEqual([]);
  await begin(key, true);
  expect((await orderOf(key)).card_consent_at).toBeNull();
});

test('Stripe does not take the consent: nothing is kept, and the buyer is told before paying', async () => {
  const key = randomUUID();
  const { payment_intent_id: intentId } = (await begin(key)).body as { payment_intent_id: string };
  sidecar.failStripe(({ method, path }) =>
    method === 'POST' && path.endsWith(intentId) ? 'api_error' : undefined,
  );
  expect(codeOf(await begin(key, true))).toBe('payment_provider_unavailable');
  sidecar.failStripe(() => undefined);
  expect((await begin(key, true)).status).toBe(201);
});

test('kept cards are listed with what tells them apart, and removed for good by their owner alone', async () => {
  expect(await cards()).toEqual([]);
  const card = await buyAndKeep();
  expect(card).toEqual({
    id: expect.stringMatching(/^pm_/),
    brand: 'visa',
    last4: '4242',
    exp_month: expect.any(Number),
    exp_year: expect.any(Number),
  });
  const other = await sidecar.database.signUp();
  expect((await sidecar.get(methods(), { person: other })).status).toBe(403);
  expect((await sidecar.delete(`${methods()}/${card.id}`, { person: other })).status).toBe(403);
  const notTheirs = await sidecar.delete(`${methods(other)}/${card.id}`, { person: other });
  expect([notTheirs.status, listOf(notTheirs.body)]).toEqual([200, []]);
  expect(await cards()).toEqual([card]);
  const removed = await sidecar.delete(`${methods()}/${card.id}`, { person });
  expect([removed.status, listOf(removed.body)]).toEqual([200, []]);
  expect((await sidecar.delete(`${methods()}/${card.id}`, { person })).status).toBe(200);
  expect((await sidecar.stripe.paymentMethods.retrieve(card.id)).customer).toBeNull();
  const odd = await sidecar.delete(`${methods()}/..%2Fcustomers`, { person });
  expect([odd.status, codeOf(odd)]).toEqual([400, 'invalid_request']);
});

const topUp = () => `/user/${person.id}/auto-top-up`;
const read = async () => (await sidecar.get(topUp(), { person })).body as AutoTopUpResponse;
const consent = (paymentMethodId: string) =>
  sidecar.post(topUp(), {
    person,
    body: {
      package_id: 'starter',
      threshold_seconds: 3580,
      monthly_cap_cents: 5000,
      payment_method_id: paymentMethodId,
      consent: true,
    },
  });
async function round(): Promise<void> {
  await decideAutoTopUps(sidecar.deps);
  await makeAllDue(sidecar);
  await workJobs(sidecar, 'auto_top_up', chargeAutoTopUp);
  await until(async () => {
    const now = await read();
    return now.status !== 'not_set' && !now.charge_in_flight;
  });
}
async function talk(): Promise<void> {
  await sidecar.database.sql`select public.open_call(gen_random_uuid(), ${person.id}, ${randomUUID()})`;
}
async function paidOrders(): Promise<number> {
  const [row] = await sidecar.database
    .sql`select count(*)::int as n from purchases where user_id = ${person.id} and status = 'succeeded'`;
  return row?.n as number;
}

test('a call takes time below the threshold: one charge of the kept card, one card of time', async () => {
  await consent((await buyAndKeep()).id);
  await round();
  expect(await paidOrders()).toBe(1);
  await talk();
  await Promise.all([round(), round()]);
  await until(async () => (await paidOrders()) === 2);
  await round();
  expect(await paidOrders()).toBe(2);
  const [row] = await sidecar.database
    .sql`select sum(remaining_seconds)::int as seconds, count(*)::int as cards
    from time_cards where user_id = ${person.id}`;
  expect(row).toEqual({ seconds: 7200, cards: 2 });
  expect(await read()).toMatchObject({ status: 'active', charged_this_month_cents: 999, last_failure: null });
  await sidecar.expectSound();
});

test('removing the card ends the automatic top-up that uses it', async () => {
  const card = await buyAndKeep();
  await consent(card.id);
  const second = await buyAndKeep('pm_card_mastercard');
  await sidecar.delete(`${methods()}/${second.id}`, { person });
  expect(await read()).toMatchObject({ status: 'active' });
  await sidecar.delete(`${methods()}/${card.id}`, { person });
  expect(await read()).toMatchObject({ status: 'disabled' });
});

async function attach(card: string): Promise<string> {
  const { sql } = sidecar.database;
  await begin(randomUUID());
  const [row] = await sql`select stripe_customer_id as id from users where id = ${person.id}`;
  return (await sidecar.stripe.paymentMethods.attach(card, { customer: row?.id as string })).id;
}

test.each([
  ['pm_card_chargeCustomerFail', 'card_declined'],
  ['pm_card_authenticationRequired', 'authentication_required'],
])('with %s the breaker opens after two charges, and the person is told why', async (card, reason) => {
  await consent(await attach(card));
  for (let count = 0; count < 4; count++) await round();
  await until(async () => {
    const now = await read();
    return now.status === 'stopped' && now.last_failure === reason;
  });
  expect(await read()).toMatchObject({ consecutive_declines: 2, charged_this_month_cents: 0 });
  const [orders] = await sidecar.database
    .sql`select count(*)::int as n from purchases where user_id = ${person.id} and idempotency_key like 'auto%'`;
  expect(orders?.n).toBe(2);
  const [notice] = await sidecar.database
    .sql`select count(*)::int as n from pgboss.job where data ->> 'notice' = 'top_up_stopped'`;
  expect(notice?.n).toBe(1);
  // Consenting again starts anew, and with it the reason is gone.
  await consent(await attach('pm_card_visa'));
  expect(await read()).toMatchObject({ status: 'active', last_failure: null });
});
