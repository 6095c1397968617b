import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overHttp } from './bank.ts';
import { accountOf, addPerson, giveTime, lapse, violations } from './people.ts';

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
  await giveTime(db.sql, userId, 100);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

test('a live lease is left alone', async () => {
  await bank.open(userId, { callId });
  expect(await bank.reap()).toEqual([]);
  expect(await accountOf(db.sql, userId)).toMatchObject({ held: 30, live: 1 });
});

test('a dead call is settled at the last use reported, and its worker learns of it', async () => {
  await bank.open(userId, { callId });
  await bank.renew(callId, 1, 12_900);
  await lapse(db.sql, callId);
  expect(await bank.reap()).toEqual([callId]);
  expect(await accountOf(db.sql, userId)).toEqual({ balance: 88, held: 0, debt: 0, live: 0 });
  expect(await bank.renew(callId, 1, 20_000)).toMatchObject({ status: 'call_settled', charged_seconds: 12 });
  const late = await bank.settle(callId, 1, 40_000);
  expect(late).toMatchObject({ replayed: true, receipt: { settled_by: 'reaper', charged_seconds: 12 } });
  expect(await bank.reap()).toEqual([]);
});

test('a call whose first word was never reported costs nothing', async () => {
  await bank.open(userId, { callId });
  await lapse(db.sql, callId);
  await bank.reap();
  expect(await accountOf(db.sql, userId)).toMatchObject({ balance: 100, held: 0 });
});

test('a renewal before the reaper comes saves the call', async () => {
  await bank.open(userId, { callId });
  await lapse(db.sql, callId);
  expect((await bank.renew(callId, 1, 5_000)).status).toBe('renewed');
  expect(await bank.reap()).toEqual([]);
});

test('a finished room brings the lease forward to its margin, never back', async () => {
  const lease = async () => {
    const [row] = await db.sql<{ at: Date }[]>`
      select lease_expires_at as at from public.voice_sessions where id = ${callId}`;
    return row?.at.getTime() ?? Number.NaN;
  };
  await bank.open(userId, { callId, room: callId });
  const opened = await lease();
  expect(await bank.roomFinished(callId)).toBe(true);
  expect(await lease()).toBeLessThanOrEqual(opened - 29_000);
  await lapse(db.sql, callId);
  const lapsed = await lease();
  expect(await bank.roomFinished(callId)).toBe(true);
  expect(await lease()).toBe(lapsed);
  expect(await bank.reap()).toEqual([callId]);
  expect(await bank.roomFinished(callId)).toBe(false);
});

test('one broken account keeps no other call from ending', async () => {
  const broken = await addPerson(db.sql);
  await giveTime(db.sql, broken, 100);
  const brokenCall = randomUUID();
  await bank.open(broken, { callId: brokenCall });
  await bank.renew(brokenCall, 1, 5_000);
  await bank.open(userId, { callId });
  await lapse(db.sql, callId);
  await lapse(db.sql, brokenCall);
  await db.sql.unsafe(`alter table public.ledger
    add constraint one_broken_account check (account_id <> '${broken}') not valid`);
  expect(await bank.reap()).toEqual([callId]);
  await db.sql`alter table public.ledger drop constraint one_broken_account`;
  expect(await bank.reap()).toEqual([brokenCall]);
});
