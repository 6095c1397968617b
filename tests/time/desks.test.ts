import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseBilling } from '../../agent/call/billing.ts';
import type { Phase } from '../../agent/call/windows.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson, giveTime } from './people.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const SETTINGS = { sliceSeconds: 30, leaseMarginSeconds: 15, maxCallsPerPerson: 4 };

test('a call that opens knows what the person had of the desk within a day, in all calls that ended', async () => {
  const userId = await addPerson(db.sql);
  await giveTime(db.sql, userId, 3600);
  const billing = () => {
    const callId = randomUUID();
    return databaseBilling(db.service, { callId, userId, roomName: callRoomName(callId) }, SETTINGS);
  };
  const call = async (...stretches: [Phase, number][]) => {
    const one = billing();
    const { deskMs } = await one.open();
    let fromMs = 0;
    const windows = stretches.map(([reason, ms]) => {
      const window = { reason, billed: reason === 'talking', from_ms: fromMs, to_ms: fromMs + ms };
      fromMs += ms;
      return window;
    });
    await one.settle(2_000, 'time_used_up', windows);
    return deskMs;
  };
  expect(await call(['connecting', 500], ['talking', 2_000])).toBe(0);
  expect(await call(['talking', 1_000], ['desk', 40_000], ['talking', 1_000], ['desk', 90_000])).toBe(0);
  expect(await call(['talking', 2_000], ['desk', 7_000])).toBe(130_000);
  await db.sql`update calls set ended_at = ended_at - interval '23 hours' where user_id = ${userId}`;
  expect((await billing().open()).deskMs).toBe(137_000);
  await db.sql`update calls set ended_at = ended_at - interval '1 hour' where user_id = ${userId}`;
  expect((await billing().open()).deskMs).toBe(0);
});

test('four calls at once have the desks of one day together', async () => {
  const userId = await addPerson(db.sql);
  await giveTime(db.sql, userId, 3600);
  const calls = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const callId = randomUUID();
      const ticket = { callId, userId, roomName: callRoomName(callId) };
      const one = databaseBilling(db.service, ticket, SETTINGS);
      await one.open();
      return one;
    }),
  );
  const taken = await Promise.all(calls.map((one) => one.reserveDesk(0, 90, 200)));
  expect(taken.toSorted((a, b) => b - a)).toEqual([90, 90, 20, 0]);
  const [first, other] = [calls[taken.indexOf(90)], calls[taken.indexOf(0)]];
  // A call that was short of it is asked again with what it had, and one that ended had what its receipt says.
  expect(await first?.reserveDesk(10_000, 90, 200)).toBe(80);
  const windows = [{ reason: 'desk' as const, billed: false, from_ms: 0, to_ms: 30_000 }];
  await first?.settle(0, 'time_used_up', windows);
  expect(await other?.reserveDesk(0, 90, 200)).toBe(60);
});
