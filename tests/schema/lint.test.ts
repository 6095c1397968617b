import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** Of what `supabase db lint` finds, all that ever was found here: it needs plpgsql_check, which no server here has. */
const castDefaults = async () =>
  (
    await db.sql<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p join pg_language l on l.oid = p.prolang
      where l.lanname = 'plpgsql' and p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and p.prosrc ~* '\\mjsonb\\s*:=\\s*''[^'']*''\\s*;'`
  ).map(({ name }) => name);

test('no variable has a default of another type than its own', async () => {
  expect(await castDefaults()).toEqual([]);
  await db.sql`create function private.careless() returns jsonb language plpgsql set search_path = '' as
    ${db.sql.unsafe(`$$ declare v jsonb := '{}'; begin return v; end $$`)}`;
  expect(await castDefaults()).toEqual(['private.careless()']);
});
