import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overHttp } from './bank.ts';
import { accountOf, addPerson, giveTime, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
let callId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overHttp(db.service));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
  callId = randomUUID();
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

type Report = { granted_seconds: number; free_seconds: number; final: boolean };
const single = async (usedMs: number, restoredMs: number): Promise<Report> => {
  const [row] = await db.sql`select renew_call(${callId}, 1, ${usedMs}, ${restoredMs}) as answer`;
  return row?.answer;
};
const batched = async (usedMs: number, restoredMs: number): Promise<Report> => {
  const [row] = await db.sql<[Report]>`
    select granted_seconds::int, free_seconds::int, final
    from renew_calls(array[${callId}::uuid], array[1], array[${usedMs}::bigint], array[${restoredMs}::bigint])`;
  return row;
};

describe.each([
  ['single renewals', single],
  ['renewals in batches', batched],
])('what a live call gives back, by %s', (_, renew) => {
  test('is free at once: the call goes on with it, and every second owned can be talked', async () => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    await renew(30_000, 0);
    await renew(60_000, 0);
    expect(await renew(80_000, 0)).toMatchObject({ granted_seconds: 100, free_seconds: 0, final: true });
    // An outage of 40 seconds was noticed late.
    expect(await renew(80_000, 40_000)).toMatchObject({
      granted_seconds: 110,
      free_seconds: 30,
      final: false,
    });
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 100, held: 70 });
    expect(await renew(110_000, 40_000)).toMatchObject({
      granted_seconds: 140,
      free_seconds: 0,
      final: true,
    });
    await bank.settle(callId, 1, 140_000);
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, held: 0 });
  });

  test('is never taken back by a late report', async () => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    await renew(20_000, 8_000);
    await renew(21_000, 0);
    const [hold] = await db.sql`select restored_ms::int as restored from holds where id = ${callId}`;
    expect(hold?.restored).toBe(8_000);
    expect((await bank.settle(callId, 1, 21_000)).receipt).toMatchObject({ charged_seconds: 13 });
  });

  test('is there for another call of the same person', async () => {
    await giveTime(db.sql, userId, 40);
    await bank.open(userId, { callId });
    await renew(20_000, 0);
    expect((await bank.open(userId)).status).toBe('no_time_left');
    await renew(20_000, 15_000);
    expect((await bank.open(userId)).status).toBe('open');
  });

  test('pays debt before anything else, this call included', async () => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    for (const usedMs of [30_000, 60_000, 90_000]) await renew(usedMs, 0);
    await db.sql`select private.post(${userId}, null, 'clawback', -25, ${`debt:${callId}`})`;
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 100, held: 100, debt: 25 });
    expect(await renew(90_000, 20_000)).toMatchObject({ granted_seconds: 100, free_seconds: 0, final: true });
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 80, held: 80, debt: 5 });
    await bank.settle(callId, 1, 100_000);
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 0, debt: 5 });
  });
});
