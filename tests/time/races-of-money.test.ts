import type postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../support/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overSql, PRICES } from './bank.ts';
import { accountOf, addPerson, cardOf, giveTime, violations } from './people.ts';

let db: TestDatabase;
/** As many connections as racers: the gateway's pool would queue them. */
let crowd: postgres.Sql;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  crowd = connect(db.url, { max: 64 });
  bank = createBank(overSql(crowd));
});
afterAll(async () => {
  await crowd.end({ timeout: 1 });
  await db.close();
});
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));
const count = (answers: { status: string }[], status: string) =>
  answers.filter((answer) => answer.status === status).length;

test('one deduction key, many requests: one deduction', async () => {
  await giveTime(db.sql, userId, 3600);
  const answers = await Promise.all(times(32, () => bank.deduct(userId, 7, 'one key')));
  expect([count(answers, 'deducted'), count(answers, 'already_deducted')]).toEqual([1, 31]);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600 - 420 });
});

test('one payment, many events and deliveries: one card', async () => {
  const purchaseId = await bank.begin(userId, 'starter');
  const paid = { purchaseId, intentId: `pi_${purchaseId}`, cents: PRICES.starter };
  const answers = await Promise.all(
    times(32, (i) => bank.pay({ ...paid, eventId: `evt_${purchaseId}_${i % 8}` })),
  );
  expect([count(answers, 'applied'), count(answers, 'already_applied')]).toEqual([1, 7]);
  expect(count(answers, 'duplicate_event')).toBe(24);
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 3600 });
});

test('one purchase key, many requests: one purchase', async () => {
  const ids = await Promise.all(times(32, () => bank.begin(userId, 'starter', 'me', 'one key')));
  expect(new Set(ids).size).toBe(1);
});

test('a gift is refunded while its code is used: the time exists at most once', async () => {
  for (let round = 0; round < 20; round++) {
    const { cardId, intentId, code } = await buy(bank, userId, 'starter', 'gift');
    const receiver = await addPerson(db.sql);
    const eventId = `evt_${cardId}`;
    const refund = () => bank.refund(intentId, PRICES.starter, eventId);
    await Promise.all([bank.activate(receiver, code), refund().catch(() => 'Stripe sends it again')]);
    await refund();
    expect(await cardOf(db.sql, cardId)).toMatchObject({ remaining: 0 });
    expect(await accountOf(db.sql, receiver)).toMatchObject({ balance: 0, debt: 0 });
  }
});
