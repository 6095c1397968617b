import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateSchemaFiles } from '../../commands/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const isCurrent = async () => {
  const files = await generateSchemaFiles(db.url);
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, readFileSync(path, 'utf8') === text]),
  );
};

test('the types and the dump say what the migrations say', async () => {
  expect(await isCurrent()).toEqual({ 'shared/database/types.ts': true, 'supabase/schema.sql': true });
});

test('and they would not, after a change of the schema', async () => {
  await db.sql`alter table public.users add column nickname text`;
  expect(await isCurrent()).toEqual({ 'shared/database/types.ts': false, 'supabase/schema.sql': false });
  await db.sql`alter table public.users drop column nickname`;
  await db.sql`grant insert on public.time_ledger to authenticated`;
  expect(await isCurrent()).toEqual({ 'shared/database/types.ts': true, 'supabase/schema.sql': false });
});
