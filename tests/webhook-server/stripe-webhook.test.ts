import type Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(() => sidecar.close());

async function cardsOf(intentId: string) {
  return sidecar.database.sql`select * from time_cards where payment_intent_id = ${intentId}`;
}

async function paid(card = 'pm_card_visa') {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId, card).catch(() => undefined);
  return { person, intentId };
}

async function eventOf(type: string, intentId: string): Promise<Stripe.Event> {
  const events = await sidecar.events(type);
  const event = events.find(({ data }) => 'id' in data.object && data.object.id === intentId);
  if (event === undefined) throw new Error(`no ${type} for ${intentId}`);
  return event;
}

test('a paid intent becomes a card', async () => {
  const { person, intentId } = await paid();
  const answer = await sidecar.deliver(await eventOf('payment_intent.succeeded', intentId));
  expect(answer).toMatchObject({ status: 200, body: { received: true, outcome: 'applied' } });
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('the same event 50 times at once yields one card', async () => {
  const { person, intentId } = await paid();
  const event = await eventOf('payment_intent.succeeded', intentId);
  const answers = await Promise.all(Array.from({ length: 50 }, () => sidecar.deliver(event)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  const outcomes = answers.map(({ body }) => (body as { outcome: string }).outcome);
  expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
  expect(await cardsOf(intentId)).toHaveLength(1);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('two different events for one payment intent yield one card', async () => {
  const { person, intentId } = await paid();
  const event = await eventOf('payment_intent.succeeded', intentId);
  const twin = { ...event, id: `${event.id}_twin` };
  const answers = await Promise.all([sidecar.deliver(event), sidecar.deliver(twin)]);
  const outcomes = answers.map(({ body }) => (body as { outcome: string }).outcome).sort();
  expect(outcomes).toEqual(['already_applied', 'applied']);
  expect(await cardsOf(intentId)).toHaveLength(1);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('a failure that arrives after the success changes nothing', async () => {
  const { person, intentId } = await paid('pm_card_chargeDeclined');
  const failed = await eventOf('payment_intent.payment_failed', intentId);
  await sidecar.pay(intentId);
  await sidecar.deliver(await eventOf('payment_intent.succeeded', intentId));
  expect(await sidecar.deliver(failed)).toMatchObject({ status: 200, body: { outcome: 'already_applied' } });
  expect(await sidecar.balanceOf(person)).toBe(3600);
  const [purchase] = await sidecar.database
    .sql`select status from purchases where payment_intent_id = ${intentId}`;
  expect(purchase?.status).toBe('succeeded');
  await sidecar.expectSound();
});

test('a failure that arrives late, when the money is there, grants the time', async () => {
  const { person, intentId } = await paid('pm_card_chargeDeclined');
  const failed = await eventOf('payment_intent.payment_failed', intentId);
  await sidecar.pay(intentId);
  expect(await sidecar.deliver(failed)).toMatchObject({ status: 200, body: { outcome: 'applied' } });
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('a declined card is noted, and the same purchase can still be paid', async () => {
  const { person, intentId } = await paid('pm_card_chargeDeclined');
  await sidecar.deliver(await eventOf('payment_intent.payment_failed', intentId));
  const query = () => sidecar.database.sql`
    select status, failure_code from purchases where payment_intent_id = ${intentId}`;
  expect(await query()).toEqual([{ status: 'failed', failure_code: 'card_declined' }]);
  await sidecar.pay(intentId);
  await sidecar.deliver(await eventOf('payment_intent.succeeded', intentId));
  expect(await query()).toEqual([{ status: 'succeeded', failure_code: null }]);
  expect(await sidecar.balanceOf(person)).toBe(3600);
});

test('a canceled intent closes its purchase', async () => {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person, 'starter', 'me', 'to-cancel');
  await sidecar.stripe.paymentIntents.cancel(intentId);
  await sidecar.deliver(await eventOf('payment_intent.canceled', intentId));
  const again = await sidecar.post('/create-payment-intent', {
    person,
    body: { package_id: 'starter' },
    headers: { 'idempotency-key': 'to-cancel' },
  });
  expect([again.status, codeOf(again)]).toEqual([409, 'purchase_closed']);
});

test('money of another product in the same Stripe account is left alone', async () => {
  const foreign = await sidecar.stripe.paymentIntents.create({ amount: 999, currency: 'usd' });
  await sidecar.pay(foreign.id);
  const answer = await sidecar.deliver(await eventOf('payment_intent.succeeded', foreign.id));
  expect(answer).toMatchObject({ status: 200, body: { outcome: 'not_ours' } });
});

test('an amount that does not fit its purchase gives no time and asks for a look', async () => {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.stripe.paymentIntents.update(intentId, { amount: 50 });
  await sidecar.pay(intentId);
  const answer = await sidecar.deliver(await eventOf('payment_intent.succeeded', intentId));
  expect(answer).toMatchObject({ status: 200, body: { outcome: 'review' } });
  expect(await sidecar.balanceOf(person)).toBe(0);
});

test('events of other types are acknowledged and ignored', async () => {
  const { intentId } = await paid();
  const event = await eventOf('payment_intent.created', intentId);
  expect(await sidecar.deliver(event)).toMatchObject({ status: 200, body: { outcome: 'ignored' } });
});

test('refuses what Stripe did not sign, or signed too long ago', async () => {
  const payload = JSON.stringify({ id: 'evt_forged', object: 'event', type: 'payment_intent.succeeded' });
  const sign = (secret: string, agoSeconds = 0) =>
    sidecar.stripe.webhooks.generateTestHeaderString({
      payload,
      secret,
      timestamp: Math.floor(Date.now() / 1000) - agoSeconds,
    });
  const signatures = [
    undefined,
    'nonsense',
    sign('whsec_of_somebody_else'),
    sign(SIDECAR_KEYS.webhookSecret, 310),
    sign(SIDECAR_KEYS.webhookSecret).replace(/v1=(.)/, (_, digit) => (digit === '0' ? 'v1=1' : 'v1=0')),
  ];
  for (const signature of signatures) {
    const headers: Record<string, string> = signature === undefined ? {} : { 'stripe-signature': signature };
    const answer = await sidecar.post('/webhooks/stripe', { raw: payload, headers });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_signature']);
  }
});

test('a signed body that is no JSON is malformed', async () => {
  const signature = sidecar.stripe.webhooks.generateTestHeaderString({
    payload: '{"id":',
    secret: SIDECAR_KEYS.webhookSecret,
  });
  const answer = await sidecar.post('/webhooks/stripe', {
    raw: '{"id":',
    headers: { 'stripe-signature': signature },
  });
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
});

const signed = (sent: unknown) => {
  const payload = typeof sent === 'string' ? sent : JSON.stringify(sent);
  const secret = SIDECAR_KEYS.webhookSecret;
  const signature = sidecar.stripe.webhooks.generateTestHeaderString({ payload, secret });
  return sidecar.post('/webhooks/stripe', { raw: payload, headers: { 'stripe-signature': signature } });
};
const EVENT = { id: 'evt_x', object: 'event', type: 'plan.created', data: { object: { id: 'x' } } };
const MALFORMED: [string, unknown][] = [
  ['no object', null],
  ['a list', [EVENT]],
  ['no data', { ...EVENT, data: undefined }],
  ['data without an object', { ...EVENT, data: {} }],
  ['no type', { ...EVENT, type: undefined }],
  ['a type that is a number', { ...EVENT, type: 5 }],
  ['no id', { ...EVENT, id: undefined }],
  ['an id with U+0000', { ...EVENT, id: 'evt_\u0000' }],
  ['half a character', { ...EVENT, data: { object: { id: '\ud800' } } }],
  ['an id without an end', { ...EVENT, id: 'x'.repeat(5000) }],
  ['an object whose id is one', { ...EVENT, data: { object: { id: {} } } }],
  ['a payment without an id', { ...EVENT, type: 'payment_intent.succeeded', data: { object: {} } }],
];
test.each(MALFORMED)('a signed body with %s is malformed, which no repeat mends', async (_what, sent) => {
  const answer = await signed(sent);
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
});

test('a thin event is told apart', async () => {
  const thin = { id: 'evt_1', object: 'v2.core.event', type: 'v2.core.account.updated', related_object: {} };
  expect((await signed(thin)).text).toContain('snapshots');
});

test('bad ones among good ones fail alone', async () => {
  const good = Array.from({ length: 40 }, (_, i) => ({ ...EVENT, id: `evt_good_${i}` }));
  const bad = MALFORMED.map(([, sent]) => sent);
  const answers = await Promise.all([...bad, ...good].map(signed));
  expect(answers.map(({ status }) => status)).toEqual([...bad.map(() => 400), ...good.map(() => 200)]);
});

test('and one that only the database refuses fails alone, too', async () => {
  const { sql } = sidecar.database;
  await sql.unsafe(`create function public.refuse_one() returns trigger language plpgsql set search_path = '' as
    $$ begin if new.id = 'evt_poison' then raise exception 'poison' using errcode = '22023'; end if; return new; end $$;
    create trigger refuse_one before insert on public.stripe_events for each row execute function public.refuse_one()`);
  const ids = ['evt_a', 'evt_poison', ...Array.from({ length: 20 }, (_, i) => `evt_b_${i}`)];
  const answers = await Promise.all(ids.map((id) => signed({ ...EVENT, id })));
  await sql.unsafe('drop function public.refuse_one cascade');
  expect(answers.map(({ status }) => status)).toEqual(ids.map((id) => (id === 'evt_poison' ? 400 : 200)));
});
