import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overHttp, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime, violations } from './people.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

describe.each(['supabase-js', 'raw SQL'])('metering over %s', (transport) => {
  let bank: Bank;
  let userId: string;
  let callId: string;
  beforeAll(() => {
    bank = createBank(transport === 'raw SQL' ? overSql(db.sql) : overHttp(db.service));
  });
  beforeEach(async () => {
    userId = await addPerson(db.sql);
    callId = randomUUID();
  });
  afterEach(async () => {
    expect(await violations(db.sql)).toEqual([]);
  });

  test.each([
    { owned: 3600, slice: 30, granted: 30, final: false },
    { owned: 30, slice: 30, granted: 30, final: true },
    { owned: 12, slice: 30, granted: 12, final: true },
    { owned: 1, slice: 30, granted: 1, final: true },
    { owned: 3600, slice: 2, granted: 2, final: false },
    { owned: 3600, slice: 60, granted: 60, final: false },
  ])('$owned s owned and a slice of $slice s: the first grant is $granted s', async (example) => {
    await giveTime(db.sql, userId, example.owned);
    const answer = await bank.open(userId, { callId, slice: example.slice });
    expect(answer).toMatchObject({
      status: 'open',
      epoch: 1,
      granted_seconds: example.granted,
      free_seconds: example.owned - example.granted,
      live_calls: 1,
      final: example.final,
    });
    expect(await accountOf(db.sql, userId)).toMatchObject({ balance: example.owned, held: example.granted });
  });

  test('several calls share what is free, with five seconds at least', async () => {
    await giveTime(db.sql, userId, 50);
    const grants = [];
    for (let call = 0; call < 4; call++) grants.push((await bank.open(userId)).granted_seconds);
    expect(grants).toEqual([30, 10, 5, 5]);
    expect((await bank.open(userId)).status).toBe('too_many_calls');
    expect(await accountOf(db.sql, userId)).toMatchObject({ held: 50, live: 4 });
  });

  test('a renewal raises the grant to used + slice; a repeat and a late smaller counter change nothing', async () => {
    await giveTime(db.sql, userId, 3600);
    await bank.open(userId, { callId });
    const first = await bank.renew(callId, 1, 15_000);
    expect(first).toMatchObject({
      status: 'renewed',
      granted_seconds: 45,
      free_seconds: 3555,
      used_ms: 15_000,
    });
    expect(await bank.renew(callId, 1, 15_000)).toEqual(first);
    expect(await bank.renew(callId, 1, 400)).toEqual(first);
    expect(await bank.renew(callId, 1, -5)).toEqual(first);
    expect((await bank.renew(callId, 1, 15_001)).granted_seconds).toBe(46);
  });

  test('the last slice is a slice, not the last drop', async () => {
    await giveTime(db.sql, userId, 50);
    await bank.open(userId, { callId });
    expect(await bank.renew(callId, 1, 15_000)).toMatchObject({ granted_seconds: 45, final: false });
    expect(await bank.renew(callId, 1, 30_000)).toMatchObject({ granted_seconds: 50, final: true });
    expect(await bank.renew(callId, 1, 50_000)).toMatchObject({ granted_seconds: 50, free_seconds: 0 });
  });

  test('time bought during the last slice is granted at the next renewal', async () => {
    await giveTime(db.sql, userId, 20);
    expect((await bank.open(userId, { callId })).final).toBe(true);
    await giveTime(db.sql, userId, 3600);
    expect(await bank.renew(callId, 1, 10_000)).toMatchObject({ granted_seconds: 40, final: false });
  });

  test('more than was granted is never counted', async () => {
    await giveTime(db.sql, userId, 20);
    await bank.open(userId, { callId });
    const settled = await bank.settle(callId, 1, Number.MAX_SAFE_INTEGER);
    expect(settled.receipt).toMatchObject({ charged_seconds: 20, used_ms: 20_000, balance_seconds: 0 });
  });

  test.each([
    { usedMs: 0, charged: 0 },
    { usedMs: 999, charged: 0 },
    { usedMs: 1000, charged: 1 },
    { usedMs: 12_999, charged: 12 },
  ])('$usedMs ms used is charged as $charged s', async ({ usedMs, charged }) => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    expect((await bank.settle(callId, 1, usedMs)).receipt?.charged_seconds).toBe(charged);
    expect(await accountOf(db.sql, userId)).toEqual({ balance: 100 - charged, held: 0, debt: 0, live: 0 });
  });

  test('a call is settled once: a repeat answers the stored receipt, whatever it says', async () => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    const first = await bank.settle(callId, 1, 9_000);
    const again = await bank.settle(callId, 1, 20_000, 'another reason');
    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(again.receipt).toEqual(first.receipt);
    expect((await accountOf(db.sql, userId)).balance).toBe(91);
    expect((await bank.renew(callId, 1, 10_000)).status).toBe('call_settled');
    expect((await bank.open(userId, { callId })).status).toBe('call_settled');
  });

  test('a take-over fences the worker before, and keeps the counters', async () => {
    await giveTime(db.sql, userId, 100);
    await bank.open(userId, { callId });
    await bank.renew(callId, 1, 10_000);
    expect(await bank.open(userId, { callId })).toMatchObject({ status: 'open', epoch: 2, used_ms: 10_000 });
    const before = await accountOf(db.sql, userId);
    expect(await bank.renew(callId, 1, 25_000)).toMatchObject({ status: 'fenced', epoch: 2 });
    expect(await bank.settle(callId, 1, 25_000)).toMatchObject({ status: 'fenced', epoch: 2 });
    expect(await bank.renew(callId, 3, 25_000)).toMatchObject({ status: 'fenced' });
    expect(await accountOf(db.sql, userId)).toEqual(before);
    expect((await bank.settle(callId, 2, 11_000)).receipt?.charged_seconds).toBe(11);
    expect((await bank.settle(callId, 1, 25_000)).status).toBe('fenced');
  });

  test('refusals leave no trace', async () => {
    expect((await bank.open(userId)).status).toBe('no_time_left');
    expect((await bank.open(randomUUID())).status).toBe('unknown_user');
    expect((await bank.renew(callId, 1, 0)).status).toBe('unknown_call');
    expect((await bank.settle(callId, 1, 0)).status).toBe('unknown_call');
    await giveTime(db.sql, userId, 100);
    const other = await addPerson(db.sql);
    await giveTime(db.sql, other, 100);
    const room = `room-${callId}`;
    await bank.open(userId, { callId, room });
    expect((await bank.open(other, { room })).status).toBe('room_taken');
    expect((await bank.open(other, { callId, room })).status).toBe('call_mismatch');
    expect((await bank.open(userId, { callId, room: 'another' })).status).toBe('call_mismatch');
    expect((await bank.open(userId, { max: 1 })).status).toBe('too_many_calls');
    expect(await accountOf(db.sql, userId)).toMatchObject({ held: 30, live: 1 });
    expect(await accountOf(db.sql, other)).toMatchObject({ held: 0, live: 0 });
    await bank.settle(callId, 1, 0);
    expect((await bank.open(other, { room })).status).toBe('open');
  });
});
