import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfTest } from '../../local/database/self-test.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test('the migrated database passes, also after the gateway has answered its first request', async () => {
  expect(await selfTest(database.sql)).toEqual([]);
  await database.anonymous.from('pricing_tiers').select('id');
  expect(await selfTest(database.sql)).toEqual([]);
});

test.each([
  ['grant update (role) on public.users to authenticated', /authenticated may write to users/],
  ['grant insert on public.grants to anon', /anon may write to grants/],
  ['grant all on all tables in schema public to authenticated', /authenticated may: update public.accounts/],
  [
    'grant execute on function public.deduct_user_time to authenticated',
    /authenticated may call deduct_user_time/,
  ],
  ['grant execute on function public.deduct_user_time to public', /anon may call deduct_user_time/],
])('%s: is found', async (grant, problem) => {
  await database.sql.unsafe(grant);
  const problems = await selfTest(database.sql);
  await database.sql.unsafe(grant.replace('grant', 'revoke').replace(/ to (\w+)$/, ' from $1'));
  expect(problems.join('\n')).toMatch(problem);
});

test('it leaves nothing behind, even where the database lets it write', async () => {
  await database.sql.unsafe('grant all on all tables in schema public to authenticated');
  await database.sql.unsafe('grant select on public.pricing_tiers to authenticated');
  await selfTest(database.sql);
  const [row] = await database.sql`select count(*)::int as n from public.pricing_tiers where price_cents = 1`;
  expect(row).toEqual({ n: 0 });
});
