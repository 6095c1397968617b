import type postgres from 'postgres';
import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';

/** Foreign keys of ours whose columns no index begins with, as the advisors of hosted Supabase look for them. */
async function withoutIndex(sql: postgres.ISql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%s (%s)', c.conrelid::regclass, c.conname) as name from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    where c.contype = 'f' and t.relnamespace::regnamespace::text in ('public', 'private') and not exists (
      select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
        and (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(c.conkey)] = c.conkey)
    order by 1`;
  return rows.map(({ name }) => name);
}

test('every foreign key has an index, and one without is found', async ({ db }) => {
  expect(await withoutIndex(db.sql)).toEqual([]);
  await undone(db, async (sql) => {
    await sql`drop index public.ledger_by_grant`;
    expect(await withoutIndex(sql)).toEqual(['ledger (ledger_grant_id_fkey)']);
  });
});
