import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../support/connect.ts';
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
  'update public.ledger set amount = amount + 1',
  'delete from public.ledger',
  'update public.time_ledger set seconds = seconds + 1',
  'truncate public.ledger cascade',
])('the ledger is append-only, even for its owner: %s', async (statement) => {
  await expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: 'PT403' });
});

test.each([
  ['a negative balance', 'update public.accounts set balance = -1'],
  ['a negative debt', 'update public.accounts set debt = -1'],
  ['a person whose seconds have another id', 'update public.accounts set id = gen_random_uuid()'],
  ['a card larger than it was', 'update public.grants set remaining = paid + bonus + 1'],
  ['an exhausted card with time', "update public.grants set status = 'exhausted'"],
  ['an active card that never expires', 'update public.grants set expires_at = null'],
  ['a card without an owner', 'update public.grants set account_id = null'],
])('no statement at all writes %s', async (_what, statement) => {
  await expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: '23514' });
});

test('renewals are HOT updates: they touch no index', async () => {
  // One connection, because the counters of others may not be written yet.
  const sql = connect(db.url, { max: 1 });
  const bank = createBank(overSql(sql));
  const updates = async () => {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql<{ all: number; hot: number }[]>`
      select sum(n_tup_upd)::int as all, sum(n_tup_hot_upd)::int as hot from pg_stat_user_tables
      where relname in ('holds', 'accounts', 'calls')`;
    return row ?? { all: 0, hot: 0 };
  };
  const callId = randomUUID();
  await bank.open(userId, { callId });
  const before = await updates();
  for (let renewal = 1; renewal <= 200; renewal++) await bank.renew(callId, 1, renewal * 1000);
  const after = await updates();
  expect(after.all - before.all).toBe(200);
  expect((after.hot - before.hot) / 200).toBeGreaterThan(0.95);
  await sql.end();
});
