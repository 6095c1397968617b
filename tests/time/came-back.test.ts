import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, PRICES } from './bank.ts';
import { accountOf, addPerson, cardOf, expireCard, giveTime, violations } from './people.ts';

const ALL = PRICES.starter;
const YEAR = 365;

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
  await db.sql`insert into pricing_tiers (id, name, hours, price_cents) values ('even', 'Even', 1, 1000)`;
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

/** An hour for ten dollars, so that halves are halves. */
async function buyEven(purpose: 'me' | 'gift' = 'me') {
  const cardId = await bank.begin(userId, 'even', purpose);
  const intentId = `pi_${cardId}`;
  await bank.pay({ purchaseId: cardId, intentId, cents: 1000, code: cardId });
  return { cardId, intentId };
}

/** Lets days pass for all cards of a person. What the product stores of the past are spans, which stay. */
const pass = (days: number, person = userId) => db.sql`
  update time_cards set expires_at = expires_at - make_interval(days => ${days}) where user_id = ${person}`;

/** What a person has that can be used, with the days that it still can. */
async function usable(person = userId) {
  const rows = await db.sql<{ seconds: number; days: number }[]>`
    select remaining_seconds as seconds, round(extract(epoch from expires_at - now()) / 86400)::int as days
    from time_cards where user_id = ${person} and status = 'active' and expires_at > now() order by expires_at`;
  return rows.map(({ seconds, days }) => [seconds, days]);
}

const canCall = async () => {
  expect((await bank.open(userId)).status).toBe('open');
  expect((await bank.deduct(userId, 1)).status).toBe('deducted');
};

test('a refund of a half that fails after the other half expired: that half is usable for as long as was left', async () => {
  const { cardId, intentId } = await buyEven();
  await pass(300);
  await bank.refund(intentId, 500);
  await pass(100);
  await bank.sweep();
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
  await bank.failRefund(intentId);
  expect(await usable()).toEqual([[1800, YEAR - 300]]);
  await canCall();
});

test('a refund of a cent that is made after the end of the card and fails gives back nothing of another refund', async () => {
  const { intentId } = await buyEven();
  await pass(300);
  await bank.refund(intentId, 500);
  await pass(100);
  await bank.sweep();
  await bank.refund(intentId, 501);
  await bank.failRefund(intentId);
  expect((await usable()).reduce((sum, [seconds = 0]) => sum + seconds, 0)).toBeLessThanOrEqual(4);
});

test('what came back expires again, as often as it comes back, and its owner can call on', async () => {
  const { cardId, intentId } = await buyEven();
  for (const round of [1, 2, 3]) {
    await bank.refund(intentId, 500);
    await expireCard(db.sql, cardId);
    await bank.sweep();
    await bank.failRefund(intentId);
    expect((await usable()).length, `${round}`).toBeGreaterThan(0);
    await db.sql`update time_cards set expires_at = now() - interval '1 second'
      where user_id = ${userId} and status = 'active'`;
    await bank.sweep();
    expect(await usable()).toEqual([]);
    await giveTime(db.sql, userId, 600);
    await canCall();
  }
});

test('a dispute of a half that is won after the other half expired', async () => {
  const { cardId, intentId } = await buyEven();
  await pass(355);
  await bank.dispute(intentId, 'open', 500);
  await pass(60);
  await bank.sweep();
  await bank.dispute(intentId, 'won', 500);
  expect(await usable()).toEqual([[1800, 10]]);
  await pass(11);
  await bank.sweep();
  await giveTime(db.sql, userId, 600);
  await canCall();
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
});

test('a whole refund that fails, or a dispute that is lost and then won, after the end of its card', async () => {
  const refunded = await buyEven();
  const disputed = await buyEven();
  await pass(200);
  await bank.refund(refunded.intentId, 1000);
  await bank.dispute(disputed.intentId, 'open', 1000);
  await pass(60);
  // Lost: what was frozen stays what it was when it was frozen.
  await bank.dispute(disputed.intentId, 'lost', 1000);
  await pass(140);
  await bank.sweep();
  await bank.failRefund(refunded.intentId);
  await bank.dispute(disputed.intentId, 'won', 1000);
  expect(await usable()).toEqual([
    [3600, YEAR - 200],
    [3600, YEAR - 200],
  ]);
  expect(await bank.balance(userId)).toBe(7200);
});

test.each(['won', 'lost'] as const)(
  'a dispute about a tenth of a card that is %s does not lengthen the rest',
  async (end) => {
    const { cardId, intentId } = await buyEven();
    await bank.dispute(intentId, 'open', 100);
    await pass(90);
    await bank.dispute(intentId, end, 100);
    const rest = [3240, YEAR - 90];
    expect(await usable()).toEqual(end === 'won' ? [rest, [360, YEAR]] : [rest]);
    expect(await cardOf(db.sql, cardId)).toEqual({ status: 'active', remaining: 3240 });
  },
);

test('two disputes at different times: each part has what was left when it was frozen', async () => {
  const { intentId } = await buyEven();
  await bank.dispute(intentId, 'open', 100, 'dp_early');
  await pass(100);
  await bank.dispute(intentId, 'open', 200, `dp_late_${intentId}`);
  await pass(10);
  await bank.dispute(intentId, 'won', 200, `dp_late_${intentId}`);
  expect(await usable()).toEqual([
    [2520, YEAR - 110],
    [720, YEAR - 100],
  ]);
  await bank.dispute(intentId, 'won', 100, 'dp_early');
  expect(await usable()).toEqual([
    [2520, YEAR - 110],
    [720, YEAR - 100],
    [360, YEAR],
  ]);
});

test('a gift of which a part was frozen before its activation has a year for that part, and no longer for the rest', async () => {
  const { cardId, intentId } = await buyEven('gift');
  const receiver = await addPerson(db.sql);
  await bank.dispute(intentId, 'open', 250);
  await db.sql`update time_cards set frozen_at = now() - interval '100 days' where id = ${cardId}`;
  await bank.activate(receiver, cardId);
  // Of what is frozen it is known from then on how long it can be used.
  expect(await violations(db.sql)).toEqual([]);
  await pass(30, receiver);
  await bank.dispute(intentId, 'won', 250);
  expect(await usable(receiver)).toEqual([
    [2700, YEAR - 30],
    [900, YEAR],
  ]);
});

test('a part that came back is refunded, frozen and expired as a part of its card', async () => {
  const { intentId } = await buyEven();
  await bank.dispute(intentId, 'open', 500, 'dp_1');
  await pass(50);
  await bank.dispute(intentId, 'won', 500, 'dp_1');
  expect((await usable()).map(([seconds]) => seconds)).toEqual([1800, 1800]);
  await bank.dispute(intentId, 'open', 1000, 'dp_2');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
  await bank.dispute(intentId, 'won', 1000, 'dp_2');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600, debt: 0 });
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await bank.settle(callId, 1, 20_000);
  await pass(YEAR - 50);
  await bank.sweep();
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 1800 });
  await bank.refund(intentId, 1000);
  // 20 seconds were used; 1780 expired, which nobody owes, and 1800 were there.
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 20 });
});

test('a receipt names the price of a part that came back', async () => {
  const { intentId } = await buyEven();
  await bank.dispute(intentId, 'open', 500);
  await pass(50);
  await bank.dispute(intentId, 'won', 500);
  await pass(YEAR - 50);
  const callId = randomUUID();
  await bank.open(userId, { callId });
  const { receipt } = await bank.settle(callId, 1, 10_000);
  expect(receipt?.cards).toMatchObject([
    { source: 'paid', seconds: 10, tariff: { price_cents: 1000, currency: 'usd', seconds: 3600 } },
  ]);
});

test('a dispute that begins after the end of a card freezes nothing, and gives nothing when it is won', async () => {
  const { cardId, intentId } = await buyEven();
  await expireCard(db.sql, cardId);
  await bank.dispute(intentId, 'open', 1000);
  await bank.dispute(intentId, 'lost', 1000);
  await bank.dispute(intentId, 'won', 1000);
  await bank.sweep();
  expect(await cardOf(db.sql, cardId)).toEqual({ status: 'expired', remaining: 0 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 0 });
});

test.each(['refund', 'dispute'])(
  'what a call keeps of a card that ended is not taken from under it by a %s',
  async (what) => {
    const { cardId, intentId } = await buyEven();
    const other = await giveTime(db.sql, userId, 36_000, { expiresInSeconds: 86_400 * 700 });
    const callId = randomUUID();
    await bank.open(userId, { callId });
    for (let seconds = 25; seconds <= 2000; seconds += 25) await bank.renew(callId, 1, seconds * 1000);
    await expireCard(db.sql, cardId);
    if (what === 'refund') await bank.refund(intentId, 1000);
    else await bank.dispute(intentId, 'lost', 1000);
    expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 2030 });
    expect(await cardOf(db.sql, other)).toMatchObject({ remaining: 36_000 });
    // Only what was used of it is owed, when that is known.
    const { receipt } = await bank.settle(callId, 1, 2_010_000);
    expect(receipt?.cards).toMatchObject([{ card_id: cardId, seconds: 2010 }]);
    expect(await cardOf(db.sql, other)).toMatchObject({ remaining: 36_000 - 2010 });
    expect(await accountOf(db.sql, userId)).toMatchObject({ debt: 0 });
  },
);

test('who was given time owes nothing when the giver has the money back', async () => {
  const { cardId, intentId, code } = await buy(bank, userId, 'starter', 'gift');
  const receiver = await addPerson(db.sql);
  await bank.activate(receiver, code);
  await bank.deduct(receiver, 1);
  const own = await buy(bank, receiver, 'starter');
  await bank.refund(intentId, ALL);
  // What is left of the gift goes back, and what was used of it is the giver's debt.
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 0 });
  expect(await cardOf(db.sql, own.cardId)).toMatchObject({ remaining: 3600 });
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 3600, debt: 0 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ debt: 60 });
  await buy(bank, userId, 'starter');
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3540, debt: 0 });
  // The refund fails: each has again what was theirs.
  await bank.failRefund(intentId);
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 7140, debt: 0 });
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600, debt: 0 });
});

test('who gives themselves a gift owes what they used of it', async () => {
  const { intentId, code } = await buy(bank, userId, 'starter', 'gift');
  await bank.activate(userId, code);
  await bank.deduct(userId, 10);
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 600 });
});

test('a giver who has time pays at once for what was used of the gift', async () => {
  const { intentId, code } = await buy(bank, userId, 'starter', 'gift');
  await buy(bank, userId, 'starter');
  const receiver = await addPerson(db.sql);
  await bank.activate(receiver, code);
  await bank.deduct(receiver, 1);
  await bank.refund(intentId, ALL);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3540, debt: 0 });
});

test('what a call keeps of a gift that ended is neither frozen nor owed by the receiver', async () => {
  const { cardId, intentId } = await buyEven('gift');
  const receiver = await addPerson(db.sql);
  await bank.activate(receiver, cardId);
  const other = await giveTime(db.sql, receiver, 36_000, { expiresInSeconds: 86_400 * 700 });
  const callId = randomUUID();
  await bank.open(receiver, { callId });
  await expireCard(db.sql, cardId);
  await bank.dispute(intentId, 'open', 1000);
  expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 30 });
  await bank.dispute(intentId, 'lost', 1000);
  await bank.settle(callId, 1, 20_000);
  expect(await cardOf(db.sql, other)).toMatchObject({ remaining: 36_000 });
  expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 36_000, debt: 0 });
});
