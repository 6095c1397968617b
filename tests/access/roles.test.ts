import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { toolCall, track } from '../usage/usage.ts';

// Who sees what of a tenant, in every table and view there is; and that nobody of them writes anywhere by hand.

const PEOPLE = ['member', 'billing', 'owner', 'former', 'operator'] as const;
type Who = (typeof PEOPLE)[number];
type Relation = { name: string; columns: string[] };

let db: TestDatabase;
let tenantId: string;
let ids: Record<Who, string>;
let relations: Relation[];
beforeAll(async () => {
  db = await createTestDatabase();
  const { sql } = db;
  const bank = createBank(overSql(sql));
  const people = await Promise.all(PEOPLE.map(async (who) => [who, await addPerson(sql)] as const));
  ids = Object.fromEntries(people) as Record<Who, string>;
  await sql`update users set role = 'operator' where id = ${ids.operator}`;
  tenantId = (await bank.createTenant(ids.owner))?.id ?? '';
  await sql`insert into tenant_members (tenant_id, user_id, role) values (${tenantId}, ${ids.billing}, 'billing'),
    (${tenantId}, ${ids.member}, 'member'), (${tenantId}, ${ids.former}, 'owner')`;
  await sql`insert into plans (id, name, kind, active) values (${`plan-${tenantId}`}, 'Not for sale', 'prepaid', false)`;
  await sql`update tenants set plan_id = ${`plan-${tenantId}`} where id = ${tenantId}`;
  await sql`insert into subscriptions (id, tenant_id, plan_id, status) values ('sub_1', ${tenantId}, ${`plan-${tenantId}`}, 'active')`;
  await giveTime(sql, tenantId, 3600);
  await buy(bank, ids.former, 'starter', 'me', tenantId);
  // Each talks on its time, once to the end and once on; and uses a tool for it.
  for (const who of ['member', 'owner', 'former'] as const) {
    const callId = randomUUID();
    await bank.open(ids[who], { callId, tenantId });
    await bank.settle(callId, 1, 5_000);
    await bank.open(ids[who], { tenantId });
    await track(sql, ids[who], [toolCall({ tool: `tool-of-${who}` })], tenantId);
  }
  await sql`select invite_member(${ids.owner}, ${tenantId}, gen_random_uuid(), 'guest@example.com', 'owner', ${'d'.repeat(64)})`;
  await sql`select create_api_key(${ids.owner}, ${tenantId}, 'a key', '{verify}', null, 'mb_test_aaaa', 'aaaa', ${'e'.repeat(64)})`;
  await sql`delete from tenant_members where tenant_id = ${tenantId} and user_id = ${ids.former}`;
  relations = await sql<Relation[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p') group by 1 order by 1`;
});
afterAll(() => db.close());

/** As PostgREST asks: in a transaction of the role, with the token's claims. */
function as<T>(who: Who | 'service', work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T> {
  return db.sql.begin(async (sql) => {
    const claims = who === 'service' ? { role: 'service_role' } : { sub: ids[who], role: 'authenticated' };
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
      set_config('request.jwt.claim.sub', ${'sub' in claims ? (claims.sub ?? '') : ''}, true)`;
    await sql.unsafe(`set local role ${claims.role}`);
    return work(sql);
  }) as Promise<T>;
}

const mayRead = async (role: string, { name, columns }: Relation) =>
  (
    await db.sql<{ column: string }[]>`select x as column from unnest(${columns}::text[]) x
      where has_column_privilege(${role}, ${`public.${name}`}::regclass, x, 'select')`
  ).map(({ column }) => column);

/** Rows in which the tenant is named, or which are of one of its calls. */
const ofTenant = (columns: string[], calls: string[]) =>
  [tenantId, ...calls]
    .map((id) => `concat_ws(' ', ${columns.map((c) => `"${c}"::text`).join(', ')}) like '%${id}%'`)
    .join(' or ');

/** How much somebody sees of what there is of the tenant in a relation. */
async function seen(
  who: Who | 'service',
  relation: Relation,
  calls: string[],
): Promise<'all' | 'part' | '-' | 'refused'> {
  const columns = await mayRead(who === 'service' ? 'service_role' : 'authenticated', relation);
  if (columns.length === 0) return 'refused';
  const count = `select count(*)::int as n from public."${relation.name}" where ${ofTenant(columns, calls)}`;
  const [all] = await db.sql.unsafe(count);
  const [some] = await as(who, (sql) => sql.unsafe(count));
  if (some?.n === 0) return '-';
  return some?.n === all?.n ? 'all' : 'part';
}

/** Of what is there of the tenant: how much a member, billing, an owner, who was one, an operator and the service see. */
const MATRIX: Record<string, string> = {
  accounts: 'all all all - - all',
  api_keys: 'refused refused refused refused refused all',
  billing_usage_events: 'part all all - - all',
  calls: 'part all all - - all',
  grants: '- all all - - all',
  holds: 'part all all - - all',
  ledger: '- all all - - all',
  payment_history: '- all all - - all',
  plans: 'all all all - - all',
  purchases: '- all all - - all',
  subscriptions: '- all all - - all',
  tenant_invitations: 'refused refused refused refused refused all',
  tenant_members: 'part part part - - all',
  tenants: 'all all all - - all',
  time_accounts: 'all all all - - all',
  time_cards: '- all all - - all',
  time_ledger: '- all all - - all',
  usage_events: 'part all all - - all',
  user_subscriptions: '- part part - - all',
  voice_sessions: 'part all all - - all',
};

test('each role sees of a tenant what is theirs to see, in every table and view', async () => {
  const calls = (await db.sql`select id from calls where tenant_id = ${tenantId}`).map(({ id }) =>
    String(id),
  );
  const found: Record<string, string> = {};
  for (const relation of relations) {
    const row: string[] = [];
    for (const who of [...PEOPLE, 'service'] as const) row.push(await seen(who, relation, calls));
    if (row.some((one) => one !== '-' && one !== 'refused')) found[relation.name] = row.join(' ');
  }
  expect(found).toEqual(MATRIX);
});

test('negative control: a hole is found', async () => {
  const members = relations.find(({ name }) => name === 'tenant_members') as Relation;
  await db.sql`create policy hole on public.tenant_members for select to authenticated using (true)`;
  expect(await seen('former', members, [])).toBe('all');
  await db.sql`drop policy hole on public.tenant_members`;
  expect(await seen('former', members, [])).toBe('-');
});

test('none of them writes anything by hand, and the service only packages and names', async () => {
  const written: string[] = [];
  for (const who of [...PEOPLE, 'service'] as const) {
    for (const { name, columns } of relations) {
      const attempts = [
        `insert into public."${name}" select * from public."${name}" where false`,
        `update public."${name}" set "${columns[0]}" = null where false`,
        `delete from public."${name}" where false`,
      ];
      for (const attempt of attempts) {
        const refused = await as(who, (sql) => sql.unsafe(attempt)).then(
          () => undefined,
          (error: { code: string }) => error.code,
        );
        if (refused === undefined) written.push(`${who}: ${attempt.slice(0, 6)} ${name}`);
      }
    }
  }
  // What is for sale is the service's to set.
  expect(written).toEqual(['service: insert billing_plans', 'service: update pricing_tiers']);
});
