import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../../local/database/gateway.ts';
import { reconcilePayments } from '../../webhook-server/payments/reconcile-payments.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { codeOf, type StripeFault, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let back: Gateway | undefined;
beforeEach(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterEach(async () => {
  await back?.close();
  back = undefined;
  await sidecar.close();
});

/** Takes the database away, and gives it back. */
async function withoutDatabase(action: () => Promise<void>): Promise<void> {
  const { gateway, url } = sidecar.database;
  await gateway.close();
  await action();
  back = await startGateway({
    databaseUrl: url,
    port: Number(new URL(gateway.url).port),
    keys: TEST_KEYS,
    migrations: null,
  });
}

const key = { 'idempotency-key': 'the one key' };
const basic = { package_id: 'basic' };

test('while the database is away everything says so, and goes on when it is back', async () => {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  const [event] = await sidecar.events('payment_intent.succeeded');
  if (event === undefined) throw new Error('the event is missing');
  await withoutDatabase(async () => {
    const answers = await Promise.all([
      sidecar.get('/pricing'),
      sidecar.get(`/user/${person.id}/balance`, { person }),
      sidecar.post('/create-payment-intent', { person, body: basic, headers: key }),
      sidecar.post('/activate', { person, body: { code: '222222222222' } }),
      sidecar.post('/token', { person, body: {} }),
      sidecar.deliver(event),
    ]);
    for (const answer of answers.filter((_, i) => i !== 3)) {
      expect([answer.status, codeOf(answer)]).toEqual([503, 'database_unavailable']);
    }
    expect(await sidecar.get('/health')).toMatchObject({
      status: 503,
      body: { status: 'degraded', checks: { database: 'unavailable' } },
    });
  });
  expect(await sidecar.deliver(event)).toMatchObject({ status: 200, body: { outcome: 'applied' } });
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await sidecar.get('/health')).status).toBe(200);
});

test('a purchase whose parts fail one after the other is whole in the end', async () => {
  const person = await sidecar.database.signUp();
  const create = () => sidecar.post('/create-payment-intent', { person, body: basic, headers: key });
  for (const path of ['/v1/customers', '/v1/payment_intents']) {
    sidecar.failStripe((request) => (request.path === path ? 'api_error' : undefined));
    const answer = await create();
    expect([answer.status, codeOf(answer)]).toEqual([502, 'payment_provider_unavailable']);
  }
  // Stripe does what it is asked for, but no answer arrives at first.
  sidecar.failStripe(({ method }) => (method === 'POST' ? 'drop_answer' : undefined));
  const answer = await create();
  sidecar.failStripe(() => undefined);
  expect(answer.status).toBe(201);
  expect((await create()).text).toBe(answer.text);

  const purchases = await sidecar.database
    .sql`select payment_intent_id from purchases where user_id = ${person.id}`;
  const { payment_intent_id } = answer.body as { payment_intent_id: string };
  expect(purchases).toEqual([{ payment_intent_id }]);
  await sidecar.pay(payment_intent_id);
  await reconcilePayments(sidecar.deps, new Date(0));
  expect(await sidecar.balanceOf(person)).toBe(19_800);
  await sidecar.expectSound();
});

test('a key that Stripe has used up: all go on to the next one, and a second intent cannot close the purchase', async () => {
  const person = await sidecar.database.signUp();
  const create = () => sidecar.post('/create-payment-intent', { person, body: basic, headers: key });
  sidecar.failStripe(({ path }) => (path === '/v1/payment_intents' ? 'api_error' : undefined));
  expect((await create()).status).toBe(502);
  sidecar.failStripe(() => undefined);
  const answers = await Promise.all(Array.from({ length: 8 }, create));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const { data: intents } = await sidecar.stripe.paymentIntents.list({ limit: 100 });
  expect(intents).toHaveLength(1);

  // As if the first request had made one after all, and only its answer had been an error.
  const [{ amount = 0, currency = '', metadata = {} } = {}] = intents;
  const second = await sidecar.stripe.paymentIntents.create({ amount, currency, metadata });
  await sidecar.stripe.paymentIntents.cancel(second.id);
  await reconcilePayments(sidecar.deps, new Date(0));
  expect((await create()).text).toBe(answers[0]?.text);
});

test('a crash between Stripe and the database leaves nothing half done', async () => {
  const person = await sidecar.database.signUp();
  const create = () => sidecar.post('/create-payment-intent', { person, body: basic, headers: key });
  const { sql } = sidecar.database;
  await sql`revoke execute on function attach_payment_intent(uuid, text) from service_role`;
  expect(codeOf(await create())).toBe('internal');
  await sql`grant execute on function attach_payment_intent(uuid, text) to service_role`;
  expect((await create()).status).toBe(201);
  expect((await sidecar.stripe.paymentIntents.list()).data).toHaveLength(1);
});

test('while Stripe is away a webhook is to come again, and then it counts', async () => {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  const [event] = await sidecar.events('payment_intent.succeeded');
  if (event === undefined) throw new Error('the event is missing');
  const faults: StripeFault[] = [() => 'api_error', () => 'drop_answer'];
  for (const fault of faults) {
    sidecar.failStripe(fault);
    const answer = await sidecar.deliver(event);
    expect([answer.status, codeOf(answer)]).toEqual([502, 'payment_provider_unavailable']);
    expect(await sidecar.balanceOf(person)).toBe(0);
  }
  sidecar.failStripe(() => undefined);
  expect((await sidecar.deliver(event)).status).toBe(200);
  expect(await sidecar.balanceOf(person)).toBe(3600);
  await sidecar.expectSound();
});

test('before the database was found fit, only health is served', async () => {
  const waiting = await startSidecar({ app: { isReady: () => false } });
  try {
    expect((await waiting.get('/health')).status).toBe(503);
    expect((await waiting.get('/metrics')).status).toBe(200);
    const answer = await waiting.get('/pricing');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'database_unavailable']);
  } finally {
    await waiting.close();
  }
});
