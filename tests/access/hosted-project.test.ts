import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { violations } from '../time/people.ts';
import { rightsIn } from './rights.ts';

/**
 * A project as hosted Supabase made them before November 2026: the one who migrates is no superuser and does
 * not own auth.users, every new object of public is granted to everybody, and some people are there already.
 */
const HOSTED = `
drop schema if exists supabase_migrations cascade;
do $$ begin
  if not exists (select from pg_roles where rolname = 'hosted_owner') then
    create role hosted_owner login password 'local-only' createrole bypassrls;
    create role hosted_auth_admin nologin;
    grant anon, authenticated, service_role, hosted_auth_admin to hosted_owner;
  end if;
  execute format('alter database %I owner to hosted_owner', current_database());
end $$;
grant usage on schema auth to hosted_owner, hosted_auth_admin, anon, authenticated, service_role;
grant all on auth.users to hosted_owner, hosted_auth_admin;
alter default privileges for role hosted_owner in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role hosted_owner in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges for role hosted_owner in schema public grant all on functions to anon, authenticated, service_role;
insert into auth.users (id, email) values ('22222222-2222-4222-8222-222222222222', 'early@example.com');
`;

/** `supabase db push --remote` as an operator runs it, from a copy because the tool writes beside what it reads. */
async function push(databaseUrl: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-push-'));
  try {
    cpSync('supabase', join(folder, 'supabase'), { recursive: true });
    const args = ['db', 'push', '--yes', `--remote=${databaseUrl}`];
    const env = { ...process.env, PGSSLMODE: 'disable', DO_NOT_TRACK: '1' };
    await promisify(execFile)(resolve('node_modules/.bin/supabase'), args, { env, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let local: TestDatabase;
let owner: postgres.Sql;
beforeAll(async () => {
  local = await createTestDatabase();
  const name = `hosted_${randomUUID().replaceAll('-', '')}`;
  await local.sql.unsafe(`create database ${name}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  const port = await freePort();
  await (await startGateway({ databaseUrl: url.href, port, keys: TEST_KEYS, migrations: null })).close();
  const admin = postgres(url.href, { max: 1, onnotice() {} });
  await admin.unsafe(HOSTED);
  await admin.end();

  url.username = 'hosted_owner';
  owner = postgres(url.href, { max: 1, onnotice() {} });
  await push(url.href);
});
afterAll(async () => {
  await owner.end();
  await local.close();
});

test('`supabase db push --remote` applied every migration, and there is nothing left to apply', async () => {
  const versions = (sql: postgres.Sql) =>
    sql`select version, name from supabase_migrations.schema_migrations order by 1`;
  expect([...(await versions(owner))]).toEqual([...(await versions(local.sql))]);
});

test('the rights are the same as in a project that grants nothing by default', async () => {
  expect(await rightsIn(owner)).toEqual(await rightsIn(local.sql));
});

test('a table that a later migration adds is granted to nobody', async () => {
  await owner`create table public.added_later (id int)`;
  expect((await rightsIn(owner)).filter((right) => right.object === 'public.added_later')).toEqual([]);
  await owner`drop table public.added_later`;
});

test('people who were there before have an account, and the auth server makes new ones', async () => {
  await owner`set role hosted_auth_admin`;
  await owner`insert into auth.users (id, email) values (${randomUUID()}, 'new@example.com')`;
  await owner`reset role`;
  const rows = await owner`select email, balance_seconds::int as balance from public.users
    join public.time_accounts on user_id = id order by email`;
  expect([...rows]).toEqual([
    { email: 'early@example.com', balance: 0 },
    { email: 'new@example.com', balance: 0 },
  ]);
});

test('the service buys, talks and settles there', async () => {
  await owner`set role service_role`;
  const bank = createBank(overSql(owner));
  const [person] = await owner`select id from public.users where email = 'early@example.com'`;
  const callId = randomUUID();
  await buy(bank, person?.id, 'starter');
  await bank.open(person?.id, { callId });
  expect((await bank.settle(callId, 1, 7_000)).receipt).toMatchObject({
    charged_seconds: 7,
    balance_seconds: 3593,
  });
  expect(await violations(owner)).toEqual([]);
  await owner`reset role`;
});
