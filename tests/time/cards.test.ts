import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp } from './bank.ts';
import { accountOf, addPerson, cardOf, expireCard, giveTime, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

test('a call is charged to the card that expires first, bonus before paid seconds', async () => {
  const later = await giveTime(db.sql, userId, 100, { expiresInSeconds: 7200 });
  const sooner = await giveTime(db.sql, userId, 20, { bonusSeconds: 6, expiresInSeconds: 3600 });
  const callId = randomUUID();
  await bank.open(userId, { callId, slice: 60 });
  const { receipt } = await bank.settle(callId, 1, 40_000);
  expect(receipt?.cards).toMatchObject([
    { card_id: sooner, seconds: 26, bonus_seconds: 6, remaining_seconds: 0 },
    { card_id: later, seconds: 14, bonus_seconds: 0, remaining_seconds: 86 },
  ]);
  expect(await cardOf(db.sql, sooner)).toEqual({ status: 'exhausted', remaining: 0 });
  const ledger =
    await db.sql`select card_id, seconds, reason from public.time_ledger where call_id = ${callId}`;
  expect([...ledger]).toEqual([
    { card_id: sooner, seconds: -26, reason: 'use' },
    { card_id: later, seconds: -14, reason: 'use' },
  ]);
});

test('bonus seconds are used up over several calls before any paid second is', async () => {
  await giveTime(db.sql, userId, 100, { bonusSeconds: 10 });
  const bonus = [];
  for (let call = 0; call < 3; call++) {
    const callId = randomUUID();
    await bank.open(userId, { callId });
    bonus.push((await bank.settle(callId, 1, 6_000)).receipt?.cards[0]?.bonus_seconds);
  }
  expect(bonus).toEqual([6, 4, 0]);
});

test('a bought package is credited as paid and bonus seconds', async () => {
  const { cardId } = await buy(bank, userId, 'basic');
  const ledger =
    await db.sql`select reason, seconds from public.time_ledger where card_id = ${cardId} order by id`;
  expect([...ledger]).toEqual([
    { reason: 'grant', seconds: 18_000 },
    { reason: 'bonus_grant', seconds: 1_800 },
  ]);
  expect(await bank.balance(userId)).toBe(19_800);
});

test('deduct_user_time takes whole minutes, all or nothing, once per key', async () => {
  const sooner = await giveTime(db.sql, userId, 90, { expiresInSeconds: 60 });
  await giveTime(db.sql, userId, 60);
  expect(await bank.deduct(userId, 2, 'a:b')).toMatchObject({ status: 'deducted', balance_seconds: 30 });
  expect((await bank.deduct(userId, 2, 'a:b')).status).toBe('already_deducted');
  expect((await bank.deduct(userId, 1, 'a')).status).toBe('not_enough_time');
  expect(await cardOf(db.sql, sooner)).toEqual({ status: 'exhausted', remaining: 0 });
  await giveTime(db.sql, userId, 30);
  expect((await bank.deduct(userId, 1, 'a')).status).toBe('deducted');
  expect(await bank.balance(userId)).toBe(0);
  for (const minutes of [0, -1, 100_001]) {
    expect((await bank.deduct(userId, minutes)).status).toBe('invalid_minutes');
  }
  expect((await bank.deduct(randomUUID(), 1)).status).toBe('unknown_user');
});

test('two people may use the same key', async () => {
  const other = await addPerson(db.sql);
  await giveTime(db.sql, userId, 60);
  await giveTime(db.sql, other, 60);
  expect((await bank.deduct(userId, 1, 'shared')).status).toBe('deducted');
  expect((await bank.deduct(other, 1, 'shared')).status).toBe('deducted');
});

test('what a live call holds cannot be deducted', async () => {
  await giveTime(db.sql, userId, 80);
  await bank.open(userId);
  expect((await bank.deduct(userId, 1)).status).toBe('not_enough_time');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 80, held: 30 });
});

test('an expired card is swept, and counts for nothing even before', async () => {
  const cardId = await giveTime(db.sql, userId, 500);
  await giveTime(db.sql, userId, 40);
  await expireCard(db.sql, cardId);
  expect(await bank.balance(userId)).toBe(40);
  expect(await bank.sweep()).toBe(1);
  expect(await bank.sweep()).toBe(0);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 40 });
});

test('a call and a deduction take out expired cards themselves, without waiting for the sweep', async () => {
  await expireCard(db.sql, await giveTime(db.sql, userId, 500));
  expect((await bank.open(userId)).status).toBe('no_time_left');
  await expireCard(db.sql, await giveTime(db.sql, userId, 500));
  expect((await bank.deduct(userId, 1)).status).toBe('not_enough_time');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0 });
});

test('a card that expires under a live call keeps what is promised, and loses the rest at once', async () => {
  const cardId = await giveTime(db.sql, userId, 500);
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await expireCard(db.sql, cardId);
  expect(await bank.sweep()).toBe(1);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 30, held: 30 });
  expect(await bank.renew(callId, 1, 15_000)).toMatchObject({ granted_seconds: 30, final: true });
  expect((await bank.settle(callId, 1, 20_000)).receipt).toMatchObject({
    charged_seconds: 20,
    balance_seconds: 0,
  });
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
  expect(await bank.sweep()).toBe(0);
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 0, live: 0 });
  const [row] = await db.sql`select sum(seconds)::int as expired from public.time_ledger
    where card_id = ${cardId} and reason = 'expire'`;
  expect(row?.expired).toBe(-480);
});

test('one broken account keeps nobody else from being swept', async () => {
  const broken = await addPerson(db.sql);
  const [card, brokenCard] = [await giveTime(db.sql, userId, 50), await giveTime(db.sql, broken, 50)];
  await expireCard(db.sql, card);
  await expireCard(db.sql, brokenCard);
  await db.sql.unsafe(`alter table public.ledger
    add constraint one_broken_account check (account_id <> '${broken}') not valid`);
  expect(await bank.sweep()).toBe(1);
  await db.sql`alter table public.ledger drop constraint one_broken_account`;
  expect(await bank.sweep()).toBe(1);
});
