import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../support/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, createBank, overHttp, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime, lapse, violations } from './people.ts';

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

test.each([{ transport: 'supabase-js' as const }, { transport: 'raw SQL' as const }])(
  '64 calls of one person with 60 s left, over $transport',
  async ({ transport }) => {
    const racers = transport === 'raw SQL' ? bank : createBank(overHttp(db.service));
    await giveTime(db.sql, userId, 60);
    const calls = times(64, () => randomUUID());
    const opened = await Promise.all(calls.map((callId) => racers.open(userId, { callId, max: 64 })));
    const granted = opened.reduce((sum, answer) => sum + (answer.granted_seconds ?? 0), 0);
    expect(granted).toBe(60);
    expect(count(opened, 'open') + count(opened, 'no_time_left')).toBe(64);
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 60, held: 60 });
    expect(await violations(db.sql)).toEqual([]);

    const live = calls.filter((_, index) => opened[index]?.status === 'open');
    for (let usedMs = 2000; usedMs <= 60_000; usedMs *= 2) {
      const renewals = await Promise.all(live.map((callId) => racers.renew(callId, 1, usedMs)));
      expect(count(renewals, 'renewed')).toBe(live.length);
      const [row] = await db.sql<{ sum: number }[]>`
      select sum(granted_seconds)::int from public.voice_sessions where user_id = ${userId}`;
      expect(row?.sum).toBeLessThanOrEqual(60);
    }
    const settled = await Promise.all(live.map((callId) => racers.settle(callId, 1, 3_600_000)));
    const charged = settled.reduce((sum, answer) => sum + (answer.receipt?.charged_seconds ?? 0), 0);
    expect(charged).toBe(60);
    expect(await accountOf(db.sql, userId)).toEqual({ balance: 0, held: 0, debt: 0, live: 0 });
  },
);

test('the worker and the reaper settle the same call: one of them does', async () => {
  await giveTime(db.sql, userId, 1000);
  for (let round = 0; round < 20; round++) {
    const callId = randomUUID();
    await bank.open(userId, { callId });
    await bank.renew(callId, 1, 3_000);
    await lapse(db.sql, callId);
    const [settled, replayed, reaped] = await Promise.all([
      bank.settle(callId, 1, 9_000),
      bank.settle(callId, 1, 9_000),
      bank.reap(),
    ]);
    expect(replayed.receipt).toEqual(settled.receipt);
    expect([settled.replayed, replayed.replayed, reaped.length === 0].filter((late) => !late)).toHaveLength(
      1,
    );
    expect(settled.receipt?.charged_seconds).toBe(reaped.length === 1 ? 3 : 9);
  }
});

test('several reapers and sweeps at once end every call once', async () => {
  const people = await Promise.all(times(12, () => addPerson(db.sql)));
  const calls: string[] = [];
  for (const person of people) {
    await giveTime(db.sql, person, 100);
    await giveTime(db.sql, person, 100, { expiresInSeconds: -1 });
    for (const callId of times(3, () => randomUUID())) {
      await bank.open(person, { callId });
      await lapse(db.sql, callId);
      calls.push(callId);
    }
    await giveTime(db.sql, person, 50, { expiresInSeconds: -1 });
  }
  const both = await Promise.all(times(16, (i) => (i % 2 === 0 ? bank.reap() : bank.sweep().then(() => []))));
  expect(both.flat().sort()).toEqual(calls.sort());
  expect(await bank.sweep()).toBe(0);
});

test('one room, many people: one call', async () => {
  const people = await Promise.all(times(16, () => addPerson(db.sql)));
  await Promise.all(people.map((person) => giveTime(db.sql, person, 100)));
  const answers = await Promise.all(people.map((person) => bank.open(person, { room: 'one room' })));
  expect([count(answers, 'open'), count(answers, 'room_taken')]).toEqual([1, 15]);
});

test('one call id, many people: one call', async () => {
  const people = await Promise.all(times(16, () => addPerson(db.sql)));
  await Promise.all(people.map((person) => giveTime(db.sql, person, 100)));
  const callId = randomUUID();
  const answers = await Promise.all(people.map((person) => bank.open(person, { callId, room: person })));
  expect([count(answers, 'open'), count(answers, 'call_mismatch')]).toEqual([1, 15]);
});

test('workers that take over one call at once get an epoch each', async () => {
  await giveTime(db.sql, userId, 100);
  const callId = randomUUID();
  const answers = await Promise.all(times(16, () => bank.open(userId, { callId })));
  expect(answers.map((answer) => answer.epoch).sort((a, b) => Number(a) - Number(b))).toEqual(
    times(16, (i) => i + 1),
  );
  expect(await accountOf(db.sql, userId)).toMatchObject({ held: 30, live: 1 });
});

test('calls, deductions, purchases, refunds, sweeps and reapers of one person at once', async () => {
  const { intentId } = await buy(bank, userId, 'starter');
  const work = times(96, async (i) => {
    const callId = randomUUID();
    if (i % 6 === 0) return bank.deduct(userId, 1);
    if (i % 6 === 1) return buy(bank, userId, 'starter');
    if (i % 6 === 2) return bank.refund(intentId, (i + 1) * 10);
    if (i % 6 === 3) return Promise.all([bank.reap(), bank.sweep()]);
    if ((await bank.open(userId, { callId, max: 100 })).status !== 'open') return undefined;
    await bank.renew(callId, 1, i * 300);
    if (i % 6 === 4) return lapse(db.sql, callId);
    return bank.settle(callId, 1, i * 400);
  });
  await Promise.all(work);
  await bank.reap();
  expect(await accountOf(db.sql, userId)).toMatchObject({ held: 0, live: 0 });
});
