import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, PRICES } from './bank.ts';
import { accountOf, addPerson, cardOf, expireCard, giveTime, violations } from './people.ts';

const HALF = 500;
const ALL = PRICES.starter;

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

test('an unused card gives back its share, and a full refund the rest', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  expect((await bank.refund(intentId, HALF)).status).toBe('applied');
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 3600 - 1801 });
  await bank.refund(intentId, ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'exhausted', remaining: 0 });
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 0, live: 0 });
});

test('refund events come twice, late and out of order, and nothing is taken twice', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  expect((await bank.refund(intentId, HALF, 'evt_twice')).status).toBe('applied');
  expect((await bank.refund(intentId, HALF, 'evt_twice')).status).toBe('duplicate_event');
  expect((await bank.refund(intentId, HALF)).status).toBe('already_applied');
  expect((await bank.refund(intentId, 1)).status).toBe('already_applied');
  expect((await bank.refund(intentId, -ALL)).status).toBe('already_applied');
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 1799 });
  expect((await bank.refund('pi_of_somebody_else', ALL)).status).toBe('not_ours');
});

test('a refund that arrives before its payment is taken when the payment arrives', async () => {
  const cardId = await bank.begin(userId, 'starter');
  await bank.attach(cardId, `pi_${cardId}`);
  expect((await bank.refund(`pi_${cardId}`, HALF)).status).toBe('applied');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0 });
  await bank.pay({ purchaseId: cardId, intentId: `pi_${cardId}`, cents: ALL });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 1799, debt: 0 });
});

test('a gift fully refunded before it was activated is worth nothing', async () => {
  const { cardId, intentId, code } = await buy(bank, userId, 'starter', 'gift');
  await bank.refund(intentId, ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'revoked', remaining: 0 });
  expect((await bank.activate(await addPerson(db.sql), code)).status).toBe('revoked');
});

test('a gift refunded in parts, before and after its activation and after its use', async () => {
  const { cardId, intentId, code } = await buy(bank, userId, 'basic', 'gift');
  const receiver = await addPerson(db.sql);
  await bank.refund(intentId, Math.floor(PRICES.basic / 2));
  await bank.activate(receiver, code);
  const granted = await accountOf(db.sql, receiver);
  expect(granted.balance).toBe(9903);
  expect(await cardOf(db.sql, cardId)).toMatchObject({ status: 'active', remaining: 9903 });
  await bank.deduct(receiver, 165);
  await bank.refund(intentId, PRICES.basic);
  // Who has the money back owes what was used: the giver.
  expect(await accountOf(db.sql, receiver)).toEqual({ balance: 0, held: 0, debt: 0, live: 0 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 9900 });
});

test('used minutes become debt, and the next card pays it first', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 50);
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 3000 });
  expect((await bank.open(userId)).status).toBe('no_time_left');
  await giveTime(db.sql, userId, 1000);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 2000 });
  await buy(bank, userId, 'starter');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 1600, debt: 0 });
});

test('used minutes are paid at once from the other cards', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 60);
  await giveTime(db.sql, userId, 4000);
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 400, debt: 0 });
});

test('expired minutes are owed by nobody, however many refunds follow', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 30);
  await expireCard(db.sql, cardId);
  await bank.sweep();
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
  // 1800 s were used and 1800 s expired: the first half refunded is what expired, the rest is debt.
  await bank.refund(intentId, 250);
  await bank.refund(intentId, 499);
  expect(await accountOf(db.sql, userId)).toMatchObject({ debt: 0 });
  await bank.refund(intentId, 750);
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 1800 });
});

test('a refund under a live call takes what is free at once, and what is held as debt until the call settles', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.refund(intentId, ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 30 });
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 30, held: 30, debt: 30, live: 1 });
  expect(await bank.renew(callId, 1, 15_000)).toMatchObject({ granted_seconds: 30, final: true });
  const { receipt } = await bank.settle(callId, 1, 20_000);
  expect(receipt).toMatchObject({ charged_seconds: 20, balance_seconds: 0 });
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 20, live: 0 });
});

test('a refund too small for a second is remembered, and counts in the sum', async () => {
  await db.sql`insert into public.pricing_tiers (id, name, hours, price_cents) values ('dear', 'Dear', 1, 400000)
    on conflict do nothing`;
  const purchaseId = await bank.begin(userId, 'dear');
  await bank.pay({ purchaseId, intentId: 'pi_dear', cents: 400_000 });
  await bank.refund('pi_dear', 100);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600 });
  await bank.refund('pi_dear', 112);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3599 });
});
