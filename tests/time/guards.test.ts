import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createBank, overSql } from './bank.ts';
import { addPerson, giveTime } from './people.ts';

let db: TestDatabase;
let userId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  userId = await addPerson(db.sql);
  await giveTime(db.sql, userId, 100_000);
});
afterAll(() => db.close());

test.each([
  'update public.time_ledger set seconds = seconds + 1',
  'delete from public.time_ledger',
  'truncate public.time_ledger cascade',
])('the ledger is append-only, even for its owner: %s', async (statement) => {
  await expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: 'PT403' });
});

test.each([
  ['more held than owned', 'update public.time_accounts set held_seconds = balance_seconds + 1'],
  ['a negative balance', 'update public.time_accounts set balance_seconds = -1'],
  [
    'a card larger than it was',
    'update public.time_cards set remaining_seconds = paid_seconds + bonus_seconds + 1',
  ],
  ['an exhausted card with time', "update public.time_cards set status = 'exhausted'"],
  ['an active card that never expires', 'update public.time_cards set expires_at = null'],
  ['a card without an owner', 'update public.time_cards set user_id = null'],
])('no statement at all writes %s', async (_what, statement) => {
  await expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: '23514' });
});

test('renewals are HOT updates: they touch no index', async () => {
  // One connection, because the counters of others may not be written yet.
  const sql = postgres(db.url, { max: 1, onnotice() {} });
  const bank = createBank(overSql(sql));
  const updates = async () => {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql<{ all: number; hot: number }[]>`
      select sum(n_tup_upd)::int as all, sum(n_tup_hot_upd)::int as hot from pg_stat_user_tables
      where relname in ('voice_sessions', 'time_accounts')`;
    return row ?? { all: 0, hot: 0 };
  };
  const callId = randomUUID();
  await bank.open(userId, { callId });
  const before = await updates();
  for (let renewal = 1; renewal <= 200; renewal++) await bank.renew(callId, 1, renewal * 1000);
  const after = await updates();
  expect(after.all - before.all).toBe(400);
  expect((after.hot - before.hot) / 400).toBeGreaterThan(0.95);
  await sql.end();
});
