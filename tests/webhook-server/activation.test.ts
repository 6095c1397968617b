import { afterAll, beforeAll, expect, test } from 'vitest';
import { deriveActivationCode } from '../../webhook-server/time-cards/activation-code.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

async function giftsOf(buyer: Person) {
  const answer = await sidecar.get(`/user/${buyer.id}/gifts`, { person: buyer });
  expect(answer.status).toBe(200);
  return (answer.body as { gifts: { activation_code: string; status: string }[] }).gifts;
}

async function buyGift(): Promise<{ buyer: Person; code: string }> {
  const buyer = await sidecar.database.signUp();
  const { payment_intent_id } = await sidecar.begin(buyer, 'basic', 'gift');
  await sidecar.pay(payment_intent_id);
  await until(async () => (await giftsOf(buyer)).length === 1);
  return { buyer, code: (await giftsOf(buyer))[0]?.activation_code ?? '' };
}

const activate = (person: Person, code: string) => sidecar.post('/activate', { person, body: { code } });

/** A code that passes its own check but belongs to no card. */
const validUnknown = (n: number) => deriveActivationCode('a key that signs no cards', `card ${n}`);

test('a gift reaches a friend, and its buyer sees that', async () => {
  const { buyer, code } = await buyGift();
  expect(code).toMatch(/^\w{4}-\w{4}-\w{4}$/);
  expect(await sidecar.balanceOf(buyer)).toBe(0);
  const friend = await sidecar.database.signUp();
  const answer = await activate(friend, ` ${code.toLowerCase().replaceAll('-', ' ')}`);
  expect(answer).toMatchObject({
    status: 200,
    body: { balance_seconds: 19_800, card: { source: 'gift', status: 'active', remaining_seconds: 19_800 } },
  });
  expect((await giftsOf(buyer))[0]?.status).toBe('activated');
  const repeat = await activate(friend, code);
  expect(repeat.status).toBe(409);
  expect(repeat.text).toContain('in your balance');
  const [stored] = await sidecar.database.sql`select count(*)::int as n from activation_codes
    where position(${code.replaceAll('-', '')} in code_hash) > 0`;
  expect(stored?.n).toBe(0);
  await sidecar.expectSound();
});

test('64 people with one code at once: one wins', async () => {
  const { code } = await buyGift();
  const people = await Promise.all(Array.from({ length: 64 }, () => sidecar.database.signUp()));
  const answers = await Promise.all(people.map((person) => activate(person, code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => codeOf(answer) === 'code_used')).toHaveLength(63);
  await sidecar.expectSound();
});

test('a slip costs no attempt, and ten unknown codes are enough', async () => {
  const person = await sidecar.database.signUp();
  const { code } = await buyGift();
  const slip = code.slice(0, -1) + (code.endsWith('2') ? '3' : '2');
  for (let i = 0; i < 12; i++) {
    const answer = await activate(person, slip);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'mistyped_code']);
  }
  const [attempts] = await sidecar.database
    .sql`select count(*)::int as n from activation_attempts where user_id = ${person.id}`;
  expect(attempts?.n).toBe(0);

  for (let i = 0; i < 10; i++) expect(codeOf(await activate(person, validUnknown(i)))).toBe('unknown_code');
  const stopped = await activate(person, code);
  expect([stopped.status, codeOf(stopped)]).toEqual([429, 'too_many_attempts']);
});

test('a used code says so', async () => {
  const { code } = await buyGift();
  await activate(await sidecar.database.signUp(), code);
  const late = await activate(await sidecar.database.signUp(), code);
  expect([late.status, codeOf(late)]).toEqual([409, 'code_used']);
});

test('refuses what is no code at all', async () => {
  const person = await sidecar.database.signUp();
  for (const body of [
    {},
    { code: 5 },
    { code: '' },
    { code: 'x'.repeat(65) },
    { code: validUnknown(0), extra: 1 },
  ]) {
    const answer = await sidecar.post('/activate', { person, body });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  }
});
