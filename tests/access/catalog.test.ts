import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { rightsIn } from './rights.ts';

let db: TestDatabase;
beforeAll(async () => {
  // The gateway prints every refusal.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('people may read what is theirs and everybody the prices; nobody writes, and nobody calls a function', async () => {
  const rights = await rightsIn(db.sql);
  const readable = [
    'accounts',
    'agent_budgets',
    'asset_snapshots',
    'autonomous_agents',
    'autonomous_revenue',
    'billing_invoices',
    'billing_plans',
    'billing_subscriptions',
    'billing_usage_events',
    'brain_tasks',
    'caller_memories',
    'caller_settings',
    'credit_days',
    'credit_periods',
    'credit_rules',
    'gainshare_runs',
    'grants',
    'holds',
    'kpi_actuals',
    'kpi_baselines',
    'ledger',
    'market_opportunities',
    'payment_history',
    'payments',
    'pending_payments',
    'plans',
    'pricing_tiers',
    'purchases',
    'sellers',
    'subscription_limits',
    'subscriptions',
    'tenant_members',
    'time_accounts',
    'time_cards',
    'time_ledger',
    'user_profiles',
    'user_subscriptions',
    'users',
    'v_asset_latest',
    'v_subscription_credit_summary',
    'v_tenant_monthly_usage',
    'voice_sessions',
    'wallet_holds',
    'wallet_refunds',
  ];
  const people = rights.filter((right) => right.role === 'authenticated');
  const calls = people.find(({ object }) => object === 'public.calls');
  const tenants = people.find(({ object }) => object === 'public.tenants');
  const usage = people.find(({ object }) => object === 'public.usage_events');
  const products = people.find(({ object }) => object === 'public.api_products');
  const executions = people.find(({ object }) => object === 'public.api_executions');
  const byColumn = [calls, tenants, usage, products, executions];
  expect(people.filter((right) => !byColumn.includes(right))).toEqual(
    readable.map((name) => ({ role: 'authenticated', object: `public.${name}`, may: ['SELECT'] })),
  );
  // Column by column: what a call cost us at providers is for operators.
  const [columns] = await db.sql`
    select array_agg(format('SELECT(%s)', attname) order by attname) as open from pg_attribute
    where attrelid = 'public.calls'::regclass and attnum > 0 and not attisdropped
      and attname not in ('provider_cost_micros', 'measures')`;
  expect(calls?.may.toSorted()).toEqual(columns?.open.toSorted());
  const [ofUsage] = await db.sql`
    select array_agg(format('SELECT(%s)', attname) order by attname) as open from pg_attribute
    where attrelid = 'public.usage_events'::regclass and attnum > 0 and not attisdropped
      and attname not in ('cost_micro_usd', 'rate_id', 'xid')`;
  expect(usage?.may.toSorted()).toEqual(ofUsage?.open.toSorted());
  // Where a seller's API is, and what is sent there, is the seller's.
  const [ofProducts] = await db.sql`
    select array_agg(format('SELECT(%s)', attname) order by attname) as open from pg_attribute
    where attrelid = 'public.api_products'::regclass and attnum > 0 and not attisdropped
      and attname not in ('api_endpoint', 'places', 'headers', 'speech')`;
  expect(products?.may.toSorted()).toEqual(ofProducts?.open.toSorted());
  const [ofExecutions] = await db.sql`
    select array_agg(format('SELECT(%s)', attname) order by attname) as open from pg_attribute
    where attrelid = 'public.api_executions'::regclass and attnum > 0 and not attisdropped
      and attname not in ('key', 'account_id', 'hold_id', 'attempt', 'result', 'lease_until')`;
  expect(executions?.may.toSorted()).toEqual(ofExecutions?.open.toSorted());
  // Where a tenant's invoices go is for who does its billing.
  expect(tenants?.may.toSorted()).toEqual(
    ['closed_at', 'created_at', 'id', 'name', 'plan_id'].map((name) => `SELECT(${name})`),
  );
  expect(rights.filter((right) => right.role === 'anon')).toEqual([
    { role: 'anon', object: 'public.billing_plans', may: ['SELECT'] },
    { role: 'anon', object: 'public.credit_rules', may: ['SELECT'] },
    { role: 'anon', object: 'public.plans', may: ['SELECT'] },
    { role: 'anon', object: 'public.pricing_tiers', may: ['SELECT'] },
  ]);
});

test('the service reads all of public but what people told, sells packages and plans and names people, and changes time and money by functions only', async () => {
  const rights = (await rightsIn(db.sql)).filter((right) => right.role === 'service_role');
  const tables = rights.filter((right) => !right.may.includes('EXECUTE'));
  expect(tables.filter((right) => right.may.join() !== 'SELECT')).toEqual([
    { role: 'service_role', object: 'public.billing_plans', may: ['INSERT', 'SELECT'] },
    { role: 'service_role', object: 'public.pricing_tiers', may: ['INSERT', 'SELECT', 'UPDATE'] },
    {
      role: 'service_role',
      object: 'public.users',
      may: ['SELECT', 'UPDATE(display_name)', 'UPDATE(role)', 'UPDATE(stripe_customer_id)'],
    },
  ]);
  expect(tables.filter(({ object }) => /^public\.caller_/.test(object))).toEqual([]);
  expect(rights.filter((right) => right.object.startsWith('private.'))).toEqual([]);
  const [all] =
    await db.sql`select count(*)::int as n from pg_proc where pronamespace = 'public'::regnamespace`;
  expect(rights.filter((right) => right.may.includes('EXECUTE'))).toHaveLength(all?.n);
});

test.each([
  'accounts',
  'grants',
  'holds',
  'ledger',
  'calls',
  'purchases',
  'time_ledger',
  'time_cards',
  'payment_history',
  'stripe_events',
  'payment_refunds',
  'payment_disputes',
  'operator_acts',
  'operator_refunds',
  'second_payments',
  'reconciliation_findings',
  'activation_codes',
  'activation_attempts',
  'activation_addresses',
  'call_tokens',
  'code_batches',
  'code_batch_cards',
  'caller_settings',
  'caller_memories',
  'plans',
  'tenants',
  'tenant_members',
  'tenant_invitations',
  'subscriptions',
  'rates',
  'usage_events',
  'asset_snapshots',
  'billing_invoices',
  'kpi_baselines',
  'kpi_actuals',
  'gainshare_runs',
  'gainshare_acts',
  'credit_days',
  'credit_periods',
  'credit_rules',
  'sellers',
  'wallet_holds',
  'wallet_refunds',
  'autonomous_agents',
  'api_products',
  'pending_payments',
  'payments',
  'autonomous_revenue',
  'agent_budgets',
  'market_opportunities',
  'brain_tasks',
  'api_product_versions',
  'api_executions',
])('even the service cannot write %s by hand', async (table) => {
  const column = (
    await db.sql`select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' and is_updatable = 'YES' order by ordinal_position desc limit 1`
  )[0]?.name as string;
  const attempts = [
    db.service.from(table as 'time_cards').insert({ [column]: null } as never),
    db.service
      .from(table as 'time_cards')
      .update({ [column]: null } as never)
      .not(column as 'id', 'is', null),
    db.service
      .from(table as 'time_cards')
      .delete()
      .not(column as 'id', 'is', null),
  ];
  for (const attempt of attempts) expect((await attempt).error?.code).toBe('42501');
});

test('every table of public has row level security, and every function a fixed search path', async () => {
  const open = await db.sql`select relname from pg_class where relnamespace = 'public'::regnamespace
    and relkind in ('r', 'p') and not relrowsecurity`;
  expect([...open]).toEqual([]);
  const loose =
    await db.sql`select proname from pg_proc where pronamespace::regnamespace::text in ('public', 'private')
    and not coalesce(proconfig @> array['search_path=""'], false)`;
  expect([...loose]).toEqual([]);
});

test('every view of public reads with the rights of who asks', async () => {
  const [views] = await db.sql`
    select array_agg(relname::text) filter (where reloptions @> array['security_invoker=true']) as safe,
      array_agg(relname::text) as all
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'`;
  expect(views?.all.toSorted()).toEqual([
    'billing_plans',
    'billing_subscriptions',
    'billing_usage_events',
    'payment_history',
    'subscription_limits',
    'time_accounts',
    'time_cards',
    'time_ledger',
    'user_profiles',
    'user_subscriptions',
    'v_asset_latest',
    'v_subscription_credit_summary',
    'v_tenant_monthly_usage',
    'voice_sessions',
  ]);
  expect(views?.safe).toHaveLength(views?.all.length);
});

test('the ledger with its sums, and usage, have one writer each', async () => {
  const writers = await db.sql`
    select proname as name from pg_proc where pronamespace::regnamespace::text in ('public', 'private')
      and prosrc ~* '(insert +into +public\\.ledger|update +public\\.accounts\\s+set\\s+(balance|debt))'`;
  expect(writers.map(({ name }) => name)).toEqual(['post']);
  const recorders = await db.sql`
    select proname as name from pg_proc where pronamespace::regnamespace::text in ('public', 'private')
      and prosrc ~* 'insert +into +public\\.usage_events'`;
  expect(recorders.map(({ name }) => name)).toEqual(['record_usage']);
});

test('one policy says what a role may read of a table', async () => {
  const several = await db.sql`select tablename, role, array_agg(policyname) as policies
    from pg_policies cross join lateral unnest(roles) role where schemaname = 'public' and permissive = 'PERMISSIVE'
    group by tablename, role having count(*) > 1`;
  expect([...several]).toEqual([]);
});

test('no policy lets anybody write', async () => {
  const writing =
    await db.sql`select policyname from pg_policies where schemaname = 'public' and cmd <> 'SELECT'`;
  expect([...writing]).toEqual([]);
});
