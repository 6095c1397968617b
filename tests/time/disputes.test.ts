import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, PRICES } from './bank.ts';
import { accountOf, addPerson, cardOf, expireCard, giveTime, violations } from './people.ts';

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

const frozenOf = async (cardId: string) =>
  (
    await db.sql<{ frozen: number }[]>`select frozen_seconds as frozen from time_cards where id = ${cardId}`
  )[0]?.frozen;
const entriesOf = async (cardId: string) => [
  ...(await db.sql`select reason, seconds from time_ledger where card_id = ${cardId} order by id`),
];

test('a dispute freezes what is left, and a win gives back the same units', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 10);
  expect((await bank.dispute(intentId, 'open', ALL)).status).toBe('applied');
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 0, live: 0 });
  expect(await frozenOf(cardId)).toBe(3000);
  expect((await bank.open(userId)).status).toBe('no_time_left');
  expect((await bank.deduct(userId, 1)).status).toBe('not_enough_time');
  await bank.dispute(intentId, 'won', ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 3000 });
  expect(await entriesOf(cardId)).toEqual([
    { reason: 'grant', seconds: 3600 },
    { reason: 'use', seconds: -600 },
    { reason: 'freeze', seconds: -3000 },
    { reason: 'restore', seconds: 3000 },
  ]);
});

test('a loss takes what was frozen first, and what was used as debt, which the next card pays', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 10);
  await bank.dispute(intentId, 'open', ALL);
  await bank.dispute(intentId, 'lost', ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'exhausted', remaining: 0 });
  expect(await frozenOf(cardId)).toBe(0);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 600 });
  await buy(bank, userId, 'starter');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3000, debt: 0 });
});

test('a loss that is won after all gives everything back: debt first, and what paid it as well', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 50);
  await bank.dispute(intentId, 'lost', ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 3000 });
  const other = await giveTime(db.sql, userId, 1000);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 2000 });
  await bank.dispute(intentId, 'won', ALL);
  // 2000 of debt are forgiven, 1000 that paid for it come back to where they were, as do the 600 that were left.
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 1600, debt: 0 });
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 600 });
  expect(await cardOf(db.sql, other)).toEqual({ status: 'active', remaining: 1000 });
});

test('news of a dispute twice, late and backwards change nothing', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.dispute(intentId, 'won', ALL);
  for (const late of ['open', 'lost', 'won', 'open'] as const) {
    expect((await bank.dispute(intentId, late, ALL)).status).toBe('already_applied');
  }
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600, debt: 0 });
});

test('a live call on frozen time goes on to the end of its slice, and no further', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.dispute(intentId, 'open', ALL);
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 30, held: 30, debt: 0, live: 1 });
  expect(await bank.renew(callId, 1, 15_000)).toMatchObject({ granted_seconds: 30, final: true });
  const { receipt } = await bank.settle(callId, 1, 20_000);
  expect(receipt).toMatchObject({ charged_seconds: 20, balance_seconds: 0 });
  // What the call did not use is frozen with the rest.
  expect(await frozenOf(cardId)).toBe(3580);
  await bank.dispute(intentId, 'won', ALL);
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 3580, held: 0, debt: 0, live: 0 });
});

test('a live call on time that is lost ends within its slice, and owes what it used', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.dispute(intentId, 'lost', ALL);
  expect(await bank.renew(callId, 1, 15_000)).toMatchObject({ granted_seconds: 30, final: true });
  await bank.settle(callId, 1, 20_000);
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 20, live: 0 });
});

test('a dispute about a part freezes that part; other cards stay usable', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await giveTime(db.sql, userId, 500);
  await bank.dispute(intentId, 'open', 333);
  expect(await frozenOf(cardId)).toBe(1200);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 2900 });
  await bank.dispute(intentId, 'lost', 333);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 2900, debt: 0 });
});

test('a refund and a dispute together take no more than all', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.refund(intentId, 333);
  await bank.dispute(intentId, 'open', ALL);
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 0 });
  expect(await frozenOf(cardId)).toBe(2400);
  await bank.dispute(intentId, 'lost', ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
  await bank.failRefund(intentId);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
});

test('a refund that fails gives the time back, as often as it is made and fails', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  for (const round of [1, 2, 3]) {
    expect((await bank.refund(intentId, ALL)).status, `${round}`).toBe('applied');
    expect(await cardOf(db.sql, cardId)).toEqual({ status: 'exhausted', remaining: 0 });
    expect((await bank.failRefund(intentId)).status).toBe('applied');
    expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 3600 });
  }
  expect((await bank.failRefund(intentId)).status).toBe('already_applied');
});

test('a refund that fails after its time expired owes nothing and gives nothing', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 30);
  await expireCard(db.sql, cardId);
  await bank.sweep();
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 1800 });
  await bank.failRefund(intentId);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
});

test('time that was frozen is valid for as long as before, when it comes back', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  await bank.dispute(intentId, 'open', ALL);
  await db.sql`update time_cards set frozen_at = now() - interval '60 days', expires_at = now() - interval '50 days'
    where id = ${cardId}`;
  await bank.sweep();
  await bank.dispute(intentId, 'won', ALL);
  expect(await bank.balance(userId)).toBe(3600);
});

test('a gift under dispute cannot be activated until the dispute is won', async () => {
  const { cardId, intentId, code } = await buy(bank, userId, 'starter', 'gift');
  const receiver = await addPerson(db.sql);
  await bank.dispute(intentId, 'open', ALL);
  expect((await bank.activate(receiver, code)).status).toBe('revoked');
  await bank.dispute(intentId, 'won', ALL);
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'unactivated', remaining: 3600 });
  expect((await bank.activate(receiver, code)).status).toBe('activated');
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 3600 });
});

test('a gift activated while a part of it is disputed gets that part when the dispute is won', async () => {
  const { intentId, code } = await buy(bank, userId, 'starter', 'gift');
  const receiver = await addPerson(db.sql);
  await bank.dispute(intentId, 'open', 333);
  await bank.activate(receiver, code);
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 2400 });
  await bank.deduct(receiver, 40);
  await bank.dispute(intentId, 'won', 333);
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 1200, debt: 0 });
});

test('a dispute that overtakes its payment freezes the time when it is given', async () => {
  const cardId = await bank.begin(userId, 'starter');
  const intentId = `pi_${cardId}`;
  await bank.attach(cardId, intentId);
  await bank.dispute(intentId, 'open', ALL);
  await bank.pay({ purchaseId: cardId, intentId, cents: ALL });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0 });
  expect(await frozenOf(cardId)).toBe(3600);
});

test('what another card paid for seconds that a call still held comes back to that card', async () => {
  const { cardId, intentId } = await buy(bank, userId, 'starter');
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.refund(intentId, ALL);
  // The call holds 30 of the card, which are owed; another card that expires sooner pays for them.
  await giveTime(db.sql, userId, 1000, { expiresInSeconds: 600 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 1000, held: 30, debt: 0 });
  await bank.failRefund(intentId);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 4600, debt: 0 });
  const cards =
    await db.sql`select source, remaining_seconds from time_cards where user_id = ${userId} order by 1`;
  expect([...cards]).toEqual([
    { source: 'goodwill', remaining_seconds: 1000 },
    { source: 'paid', remaining_seconds: 3600 },
  ]);
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 3600 });
});

test('bonus time goes first, by use and by refund', async () => {
  await db.sql`insert into pricing_tiers (id, name, hours, bonus_minutes, price_cents)
    values ('bonus', 'Bonus', 1, 60, 1000) on conflict do nothing`;
  const cardId = await bank.begin(userId, 'bonus');
  await bank.pay({ purchaseId: cardId, intentId: `pi_${cardId}`, cents: 1000 });
  await bank.refund(`pi_${cardId}`, 250);
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 5400 });
  const callId = randomUUID();
  await bank.open(userId, { callId });
  const { receipt } = await bank.settle(callId, 1, 30_000);
  // 1800 of the 3600 bonus seconds were taken back, the call uses of the other 1800.
  expect(receipt?.cards).toMatchObject([{ seconds: 30, bonus_seconds: 30 }]);
});
