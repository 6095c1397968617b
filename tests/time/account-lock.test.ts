import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { addPerson, giveTime, violations } from './people.ts';

let db: TestDatabase;
let bank: Bank;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
});
afterAll(() => db.close());
beforeEach(async () => {
  userId = await addPerson(db.sql);
});
afterEach(async () => {
  expect(await violations(db.sql)).toEqual([]);
});

/** The second of two deductions, begun while the first has not yet committed. */
async function secondDeduction(): Promise<string> {
  let second: Promise<string> | undefined;
  await db.sql.begin(async (first) => {
    await createBank(overSql(first)).deduct(userId, 1);
    second = bank.deduct(userId, 1).then(
      (answer) => answer.status,
      (error: Error) => error.message,
    );
    const waiting = async () =>
      (
        await db.sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
      ).length;
    while ((await waiting()) === 0) await setTimeout(5);
  });
  return String(await second);
}

test('a deduction waits for the one before it, and then sees that nothing is left', async () => {
  await giveTime(db.sql, userId, 60);
  expect(await secondDeduction()).toBe('not_enough_time');
});

test('without the lock on the account it would act on what it saw before', async () => {
  const [row] = await db.sql`select pg_get_functiondef('private.lock_account'::regproc) as source`;
  const source = String(row?.source);
  expect(source).toContain('for update');
  await giveTime(db.sql, userId, 60);
  await db.sql.unsafe(source.replace('for update', ''));
  try {
    expect(await secondDeduction()).toMatch(/account .* and its grants disagree/);
  } finally {
    await db.sql.unsafe(source);
  }
});
