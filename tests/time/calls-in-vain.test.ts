import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overHttp } from './bank.ts';
import { addPerson, giveTime } from './people.ts';

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
  await giveTime(db.sql, userId, 3600);
});

async function call(reason = 'caller_hung_up', usedMs = 900) {
  const callId = randomUUID();
  const { status } = await bank.open(userId, { callId });
  if (status === 'open') await bank.settle(callId, 1, usedMs, reason);
  return status;
}
async function calls(count: number, ...how: Parameters<typeof call>): Promise<string[]> {
  const statuses = new Set<string>();
  for (let at = 0; at < count; at++) statuses.add(await call(...how));
  return [...statuses];
}
const minutesPass = (minutes: number) =>
  db.sql`update calls set opened_at = opened_at - make_interval(mins => ${minutes}) where user_id = ${userId}`;

test('calls below a second are bounded by person, and each is possible again ten minutes later', async () => {
  expect(await calls(20)).toEqual(['open']);
  expect(await call()).toBe('too_many_short_calls');
  const other = userId;
  userId = await addPerson(db.sql);
  await giveTime(db.sql, userId, 3600);
  expect(await call()).toBe('open');
  userId = other;
  await minutesPass(10);
  expect(await call()).toBe('open');
});

test('a bad line is not hurt: a call each half minute, cut off each time', async () => {
  for (let at = 0; at < 45; at++) {
    expect(await call(at % 2 === 0 ? 'line_lost' : 'caller_hung_up', 0)).toBe('open');
    await db.sql`update calls set opened_at = opened_at - interval '31 seconds' where user_id = ${userId}`;
  }
});

test('calls that were charged, or ended on our side, do not count', async () => {
  expect(await calls(10, 'caller_hung_up', 1_000)).toEqual(['open']);
  expect(await calls(10, 'our_outage')).toEqual(['open']);
  expect(await calls(10, 'provider_outage')).toEqual(['open']);
  expect(await call()).toBe('open');
});

test('a live call is taken over all the same', async () => {
  const callId = randomUUID();
  await bank.open(userId, { callId });
  await calls(20);
  expect((await bank.open(userId, { callId })).status).toBe('open');
});
