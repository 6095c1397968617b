import { readFileSync } from 'node:fs';
import { getConstructionPlans } from 'pg-boss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { createBoss } from '../../webhook-server/queue/start-queue.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const words = (sql: string) =>
  sql
    .replace(/^--.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

test('the migration is what the installed library would make', () => {
  const plan = getConstructionPlans('pgboss')
    .replace(/^\s*BEGIN;[\s\S]*?pg_advisory_xact_lock\([^;]*;/, '')
    .replace(/COMMIT;\s*$/, '');
  expect(words(readFileSync('supabase/migrations/20261127000690_pgboss.sql', 'utf8'))).toBe(words(plan));
});

test('the library finds the version that it expects, and nothing of it missing or changed', async () => {
  const boss = createBoss(queueUrlOf(db.url), { isWorking: false });
  // Throws where the version is another one.
  await boss.start();
  expect(await boss.detectSchemaDrift()).toMatchObject({ ok: true });
  await boss.stop();
  await db.sql`update pgboss.version set version = version - 1`;
  const behind = createBoss(queueUrlOf(db.url), { isWorking: false });
  await expect(behind.start()).rejects.toThrow('requires migrations');
  await behind.stop();
  await db.sql`update pgboss.version set version = version + 1`;
});

test('the role of the queue reaches the queue and nothing else, and nobody of the API reaches the queue', async () => {
  const { sql } = db;
  const entered = await sql`select r.rolname as role from pg_roles r
    where r.rolname in ('anon', 'authenticated', 'service_role', 'mindbot_jobs')
      and has_schema_privilege(r.rolname, 'pgboss', 'usage')`;
  expect(entered.map(({ role }) => role)).toEqual(['mindbot_jobs']);
  const [role] = await sql`select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
    (select count(*)::int from pg_auth_members where member = r.oid) as memberships
    from pg_roles r where rolname = 'mindbot_jobs'`;
  expect(role).toEqual({
    rolsuper: false,
    rolcreaterole: false,
    rolcreatedb: false,
    rolbypassrls: false,
    rolreplication: false,
    memberships: 0,
  });
  const reached = await sql`
    select c.oid::regclass::text as object from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'auth', 'supabase_migrations') and c.relkind in ('r', 'v', 'm', 'p', 'f')
      and has_table_privilege('mindbot_jobs', c.oid, 'select, insert, update, delete, truncate')
    union all
    select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private') and has_function_privilege('mindbot_jobs', p.oid, 'execute')`;
  expect([...reached]).toEqual([]);
  const [create] = await sql`select has_schema_privilege('mindbot_jobs', 'pgboss', 'create') as may`;
  expect(create?.may).toBe(false);
});
