import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, codeHash, createBank, overHttp } from './bank.ts';
import { accountOf, addPerson, cardOf, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let buyer: string;
let receiver: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
});
afterAll(() => db.close());
beforeEach(async () => {
  [buyer, receiver] = [await addPerson(db.sql), await addPerson(db.sql)];
});

test('a gift belongs to nobody until its code is used, and then to one person', async () => {
  const { cardId, code } = await buy(bank, buyer, 'basic', 'gift');
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'unactivated', remaining: 19_800 });
  expect(await accountOf(db.sql, buyer)).toMatchObject({ balance: 0 });
  expect(await bank.activate(receiver, code)).toMatchObject({ status: 'activated', card_id: cardId });
  expect((await bank.activate(receiver, code)).status).toBe('already_yours');
  expect((await bank.activate(buyer, code)).status).toBe('used');
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 19_800 });
  expect(await violations(db.sql)).toEqual([]);
});

test('the year of validity begins with the activation, not with the purchase', async () => {
  const { cardId, code } = await buy(bank, buyer, 'starter', 'gift');
  await db.sql`update public.time_cards set created_at = now() - interval '2 years' where id = ${cardId}`;
  await bank.activate(receiver, code);
  const [row] = await db.sql`
    select expires_at = activated_at + interval '1 year' as whole_year, expires_at > now() + interval '364 days' as ahead
    from public.time_cards where id = ${cardId}`;
  expect(row).toEqual({ whole_year: true, ahead: true });
});

test('ten codes that do not exist close the door for an hour, for this person only', async () => {
  const { code } = await buy(bank, buyer, 'starter', 'gift');
  for (let attempt = 0; attempt < 10; attempt++) {
    expect((await bank.activate(receiver, `guess ${attempt}`)).status).toBe('unknown_code');
  }
  expect((await bank.activate(receiver, code)).status).toBe('too_many_attempts');
  expect((await bank.activate(await addPerson(db.sql), 'guess')).status).toBe('unknown_code');
  await db.sql`update public.activation_attempts set window_started_at = now() - interval '61 minutes'
    where user_id = ${receiver}`;
  expect((await bank.activate(receiver, 'one more guess')).status).toBe('unknown_code');
  expect((await bank.activate(receiver, code)).status).toBe('activated');
});

test('guessing with many requests at once gets no more attempts', async () => {
  const guesses = Array.from({ length: 40 }, (_, index) => bank.activate(receiver, `guess ${index}`));
  const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
  expect(statuses.filter((status) => status === 'unknown_code')).toHaveLength(10);
  expect(statuses.filter((status) => status === 'too_many_attempts')).toHaveLength(30);
});

const from = async (address: string, userId: string, code: string) => {
  const args = { p_user_id: userId, p_code_hash: codeHash(code), p_address_hash: codeHash(address) };
  return (await overHttp(db.service)('activate_time_card', args)) as { status: string };
};

test('six people who guess from one address at once have thirty attempts together, and others have theirs', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => addPerson(db.sql)));
  const guesses = people.flatMap((person) =>
    Array.from({ length: 9 }, (_, index) => from('here', person, `guess ${index}`)),
  );
  const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
  expect(statuses.filter((status) => status === 'unknown_code')).toHaveLength(30);
  expect(statuses.filter((status) => status === 'too_many_attempts')).toHaveLength(24);
  const { code } = await buy(bank, buyer, 'starter', 'gift');
  expect((await from('here', receiver, code)).status).toBe('too_many_attempts');
  expect((await from('there', receiver, 'guess')).status).toBe('unknown_code');
  await db.sql`update public.activation_addresses set forget_at = now() where address_hash = ${codeHash('here')}`;
  expect((await from('here', receiver, code)).status).toBe('activated');
});

test('from its last day on a code answers like one that was taken back, but to its owner', async () => {
  const [late, used] = [await buy(bank, buyer, 'starter', 'gift'), await buy(bank, buyer, 'starter', 'gift')];
  await bank.activate(receiver, used.code);
  await db.sql`update public.activation_codes set usable_until = now() where card_id in (${late.cardId}, ${used.cardId})`;
  expect((await bank.activate(receiver, late.code)).status).toBe('revoked');
  expect((await bank.activate(receiver, used.code)).status).toBe('already_yours');
  expect((await bank.activate(buyer, used.code)).status).toBe('used');
  expect(await violations(db.sql)).toEqual([]);
});

test('64 people with one code: one of them gets the card', async () => {
  const { cardId, code } = await buy(bank, buyer, 'starter', 'gift');
  const people = await Promise.all(Array.from({ length: 64 }, () => addPerson(db.sql)));
  const answers = await Promise.all(people.map((person) => bank.activate(person, code)));
  expect(answers.filter((answer) => answer.status === 'activated')).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 'used')).toHaveLength(63);
  const [row] =
    await db.sql`select count(*)::int as grants from public.time_ledger where card_id = ${cardId}`;
  expect(row?.grants).toBe(1);
  expect(await violations(db.sql)).toEqual([]);
});

test('nobody who does not exist gets a card', async () => {
  const { code } = await buy(bank, buyer, 'starter', 'gift');
  expect((await bank.activate(randomUUID(), code)).status).toBe('unknown_user');
});
