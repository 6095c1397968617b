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
