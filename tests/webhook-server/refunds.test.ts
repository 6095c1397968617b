import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../support/database.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

async function refund(intentId: string, cents?: number) {
  await sidecar.stripe.refunds.create({
    payment_intent: intentId,
    ...(cents === undefined ? {} : { amount: cents }),
  });
}

async function purchase(intentId: string) {
  const [row] = await sidecar.database.sql`
    select refunded_cents, clawed_back_seconds from purchases where payment_intent_id = ${intentId}`;
  return row;
}

async function account(person: Person) {
  const [row] = await sidecar.database.sql`
    select balance_seconds::int, debt_seconds::int from time_accounts where user_id = ${person.id}`;
  return row;
}

async function gift(buyer: Person) {
  const { payment_intent_id: intentId } = await sidecar.begin(buyer, 'starter', 'gift');
  await sidecar.pay(intentId);
  const gifts = async () => {
    const answer = await sidecar.get(`/user/${buyer.id}/gifts`, { person: buyer });
    return (answer.body as { gifts: { activation_code: string; status: string }[] }).gifts;
  };
  await until(async () => (await gifts()).length === 1);
  return { intentId, gifts };
}

test('a full refund takes back all the time', async () => {
  const person = await sidecar.database.signUp();
  const intentId = await sidecar.buy(person);
  await refund(intentId);
  await until(async () => (await sidecar.balanceOf(person)) === 0);
  expect(await purchase(intentId)).toEqual({ refunded_cents: 999, clawed_back_seconds: 3600 });
  await sidecar.expectSound();
});

test('partial refunds take back their share, and together no more than all', async () => {
  const person = await sidecar.database.signUp();
  const intentId = await sidecar.buy(person);
  await refund(intentId, 333);
  await until(async () => (await sidecar.balanceOf(person)) === 2400);
  await refund(intentId, 333);
  await until(async () => (await sidecar.balanceOf(person)) === 1200);
  await refund(intentId, 333);
  await until(async () => (await sidecar.balanceOf(person)) === 0);
  await sidecar.expectSound();
});

test('a refund of time already used becomes debt, which the next card pays', async () => {
  const person = await sidecar.database.signUp();
  const intentId = await sidecar.buy(person);
  await sidecar.database.service.rpc('deduct_user_time', { user_id: person.id, minutes: 50 });
  await refund(intentId);
  await until(async () => (await purchase(intentId))?.clawed_back_seconds === 3600);
  expect(await account(person)).toEqual({ balance_seconds: 0, debt_seconds: 3000 });
  await sidecar.buy(person);
  expect(await account(person)).toEqual({ balance_seconds: 600, debt_seconds: 0 });
  await sidecar.expectSound();
});

test('a refunded gift that nobody used loses its code', async () => {
  const [buyer, friend] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const { intentId, gifts } = await gift(buyer);
  await refund(intentId);
  await until(async () => (await gifts())[0]?.status === 'revoked');
  const code = (await gifts())[0]?.activation_code;
  const answer = await sidecar.post('/activate', { person: friend, body: { code } });
  expect(answer).toMatchObject({ status: 409, body: { error: { code: 'code_revoked' } } });
  await sidecar.expectSound();
});

test('a refund of a gift in use takes its time from whoever has it', async () => {
  const [buyer, friend] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const { intentId, gifts } = await gift(buyer);
  const code = (await gifts())[0]?.activation_code;
  await sidecar.post('/activate', { person: friend, body: { code } });
  expect(await sidecar.balanceOf(friend)).toBe(3600);
  await refund(intentId, 333);
  await until(async () => (await sidecar.balanceOf(friend)) === 2400);
  expect(await account(buyer)).toEqual({ balance_seconds: 0, debt_seconds: 0 });
  await sidecar.expectSound();
});

test('a refund whose payment was never heard of grants and takes back in one go', async () => {
  const quiet = await startSidecar({ webhooks: false });
  try {
    const person = await quiet.database.signUp();
    const { payment_intent_id: intentId } = await quiet.begin(person);
    await quiet.pay(intentId);
    await quiet.stripe.refunds.create({ payment_intent: intentId, amount: 333 });
    const [refunded] = await quiet.events('charge.refunded');
    const [succeeded] = await quiet.events('payment_intent.succeeded');
    if (refunded === undefined || succeeded === undefined) throw new Error('events are missing');
    expect(await quiet.deliver(refunded)).toMatchObject({ status: 200, body: { outcome: 'applied' } });
    expect(await quiet.balanceOf(person)).toBe(2400);
    expect((await quiet.deliver(succeeded)).status).toBe(200);
    expect((await quiet.deliver(refunded)).status).toBe(200);
    expect(await quiet.balanceOf(person)).toBe(2400);
    await quiet.expectSound();
  } finally {
    await quiet.close();
  }
});
