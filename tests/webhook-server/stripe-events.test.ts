import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcilePayments } from '../../webhook-server/payments/reconcile-payments.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

const SECRETS = 'whsec_new_one, whsec_old_one';
let sidecar: TestSidecar;
let operator: Person;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
afterAll(() => sidecar.close());

async function paid() {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  return { person, intentId, event: await eventOf('payment_intent.succeeded', intentId) };
}

async function eventOf(type: string, objectId: string): Promise<Stripe.Event> {
  const event = (await sidecar.events(type)).find(
    ({ data }) => 'id' in data.object && data.object.id === objectId,
  );
  if (event === undefined) throw new Error(`no ${type} for ${objectId}`);
  return event;
}

async function stored(event: Stripe.Event) {
  const [row] = await sidecar.database.sql`
    select type, object_id, status, outcome, attempts from stripe_events where id = ${event.id}`;
  return row;
}

const parkedMetric = async () =>
  (await sidecar.deps.metrics.registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('mindbot_stripe_events_parked_total'));

test('an event is stored before anything is done about it, and the reconciler takes it up', async () => {
  const { person, intentId, event } = await paid();
  sidecar.failStripe(({ path }) => (path.includes(intentId) ? 'api_error' : undefined));
  const answer = await sidecar.deliver(event);
  expect([answer.status, codeOf(answer)]).toEqual([502, 'payment_provider_unavailable']);
  expect(await stored(event)).toEqual({
    type: 'payment_intent.succeeded',
    object_id: intentId,
    status: 'received',
    outcome: 'received',
    attempts: 0,
  });
  sidecar.failStripe(() => undefined);
  // Stripe lists nothing from so late a moment: what is stored is enough.
  const later = { ...sidecar.deps, now: () => new Date(Date.now() + 120_000) };
  await reconcilePayments(later, new Date(Date.now() + 3600_000));
  expect(await stored(event)).toMatchObject({ status: 'done', outcome: 'applied' });
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('an outage of Stripe parks nothing, however long it lasts', async () => {
  const { person, event } = await paid();
  sidecar.failStripe(() => 'api_error');
  for (let i = 0; i < 10; i++) expect((await sidecar.deliver(event)).status).toBe(502);
  sidecar.failStripe(() => undefined);
  expect(await stored(event)).toMatchObject({ status: 'received', attempts: 0 });
  await sidecar.deliver(event);
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('an unknown type is stored and acknowledged, and leaves no copy of its object', async () => {
  const { intentId } = await paid();
  const event = await eventOf('payment_intent.created', intentId);
  for (const outcome of ['ignored', 'ignored']) {
    expect(await sidecar.deliver(event)).toMatchObject({ status: 200, body: { outcome } });
  }
  expect(await stored(event)).toMatchObject({ status: 'ignored', object_id: intentId });
  const [row] = await sidecar.database
    .sql`select to_jsonb(e) as all from stripe_events e where id = ${event.id}`;
  expect(JSON.stringify(row?.all)).not.toContain('secret');
});

describe('a poison event', () => {
  let event: Stripe.Event;
  let person: Person;
  const replay = (by: Person, id: string) =>
    sidecar.post(`/operator/stripe-events/${id}/replay`, { person: by, body: {} });
  const { sql } = { sql: () => sidecar.database.sql };

  test('is parked at its eighth failure, with an alarm, and then acknowledged', async () => {
    const bought = await paid();
    [event, person] = [bought.event, bought.person];
    await sql().unsafe(`create function public.poison() returns trigger language plpgsql set search_path = '' as
      $$ begin raise exception 'poison'; end $$;
      create trigger poison before insert on public.grants for each row execute function public.poison()`);
    for (let attempt = 1; attempt < 8; attempt++) {
      expect((await sidecar.deliver(event)).status).toBe(503);
      expect(await stored(event)).toMatchObject({ status: 'received', attempts: attempt });
    }
    for (const _ of [8, 9]) {
      expect(await sidecar.deliver(event)).toMatchObject({ status: 200, body: { outcome: 'parked' } });
    }
    expect(await stored(event)).toMatchObject({ status: 'parked', attempts: 8 });
    expect(await parkedMetric()).toEqual([
      'mindbot_stripe_events_parked_total{type="payment_intent.succeeded"} 1',
    ]);
    expect(await sidecar.balanceOf(person)).toBe(0);
  });

  test('is shown to operators only, and replayed by them only', async () => {
    const answer = await sidecar.get('/operator/stripe-events?status=parked', { person: operator });
    expect(answer.body).toMatchObject({ events: [{ id: event.id, attempts: 8, status: 'parked' }] });
    expect((answer.body as { events: { last_error: string }[] }).events[0]?.last_error).toContain('poison');
    expect((await sidecar.get('/operator/stripe-events', { person })).status).toBe(403);
    expect((await replay(person, event.id)).status).toBe(403);
    expect((await replay(operator, 'evt_unknown')).status).toBe(404);
  });

  test('is applied by a replay when its cause is mended, and once only', async () => {
    expect((await replay(operator, event.id)).status).toBe(503);
    await sql().unsafe(`drop function public.poison cascade`);
    expect(await replay(operator, event.id)).toMatchObject({ status: 200, body: { outcome: 'applied' } });
    expect(await sidecar.balanceOf(person)).toBe(3600);
    expect(await replay(operator, event.id)).toMatchObject({ body: { outcome: 'duplicate_event' } });
    expect(await sidecar.balanceOf(person)).toBe(3600);
    const acts = await sidecar.database
      .sql`select operator_id, act from operator_acts where subject = ${event.id}`;
    expect(acts[0]).toEqual({ operator_id: operator.id, act: 'replay' });
    await sidecar.expectSound();
  });
});

test('whoever lost their customer at Stripe is owed a new one', async () => {
  const { person } = await paid();
  const customerOf = async () =>
    (await sidecar.database.sql`select stripe_customer_id as id from users where id = ${person.id}`)[0]?.id;
  const customer = (await customerOf()) as string;
  await sidecar.stripe.customers.del(customer);
  const deleted = await eventOf('customer.deleted', customer);
  expect(await sidecar.deliver(deleted)).toMatchObject({ body: { outcome: 'applied' } });
  expect(await customerOf()).toBeNull();
  expect(await sidecar.deliver(deleted)).toMatchObject({ body: { outcome: 'duplicate_event' } });
  expect(await sidecar.deliver({ ...deleted, id: 'evt_twin' })).toMatchObject({
    body: { outcome: 'not_ours' },
  });
});

test('several secrets hold at once while one replaces another', async () => {
  const rotating = await startSidecar({ webhooks: false, config: { STRIPE_WEBHOOK_SECRET: SECRETS } });
  const payload = JSON.stringify({
    id: 'evt_rotation',
    object: 'event',
    type: 'plan.created',
    data: { object: { id: 'x' } },
  });
  const post = (secret: string, body = payload) =>
    rotating.post('/webhooks/stripe', {
      raw: body,
      headers: { 'stripe-signature': rotating.stripe.webhooks.generateTestHeaderString({ payload, secret }) },
    });
  for (const secret of ['whsec_new_one', 'whsec_old_one']) expect((await post(secret)).status).toBe(200);
  for (const secret of ['whsec_third', SECRETS, 'whsec_new_one,whsec_old_one', 'whsec_']) {
    const answer = await post(secret);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_signature']);
  }
  expect((await post('whsec_old_one', payload.replace('evt_', 'evt-'))).status).toBe(400);
  await rotating.close();
});
