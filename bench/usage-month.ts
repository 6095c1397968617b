/**
 * A month of usage, from the moment it is recorded until Stripe's meter has counted it: twice by key, out of order, with a
 * reporter that is killed again and again, and an hour in which Stripe is away. At the end all three sums have to be one.
 * Usage: npm run bench:month -- [--events 1000000] [--kills 20]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import Stripe from 'stripe';
import { startGateway } from '../local/database/gateway.ts';
import { startPostgres } from '../local/database/postgres-server.ts';
import { queueUrlOf } from '../local/database/queue-role.ts';
import { freePort } from '../local/free-port.ts';
import { startStripeStandIn } from '../local/stripe/server.ts';
import { count, describeMachine, tableOf } from './results.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '20' },
    tenants: { type: 'string', default: '20' },
  },
});
const EVENTS = Math.ceil(Number(values.events) / 1_000) * 1_000;
const KILLS = Number(values.kills);
const TENANTS = Number(values.tenants);
const BATCH = 1_000;
const LANES = 3;
const METER = 'mindbot_usage_micros';
const HOUR_MS = 3_600_000;
/** Whoever sends something again has noted when it happened. */
const BEGUN = new Date().toISOString();
const KEYS = {
  publishableKey: 'sb_publishable_for_the_bench',
  secretKey: 'sb_secret_for_the_bench',
  jwtSecret: 'a secret for the bench, of 32 characters and more',
};
const STRIPE_KEYS = { secretKey: 'sk_test_for_the_bench', publishableKey: 'pk_test_for_the_bench' };

const folder = mkdtempSync(join(tmpdir(), 'mindbot-month-'));
const server = await startPostgres({ dataDir: join(folder, 'postgres'), port: await freePort() });
const gateway = await startGateway({
  databaseUrl: server.url,
  port: await freePort(),
  keys: KEYS,
  migrations: 'supabase/migrations',
});
const sql = postgres(server.url, { max: LANES + 2, onnotice() {} });
const stripePort = await freePort();
let aheadMs = 0;
const startStripe = () =>
  startStripeStandIn({
    ...STRIPE_KEYS,
    port: stripePort,
    databaseFile: join(folder, 'stripe.db'),
    now: () => Date.now() + aheadMs,
  });
let standIn = await startStripe();
const stripe = new Stripe(STRIPE_KEYS.secretKey, {
  host: '127.0.0.1',
  port: stripePort,
  protocol: 'http',
  telemetry: false,
});

type Tenant = { id: string; userId: string; customer: string };

async function prepare(): Promise<{ meter: string; tenants: Tenant[] }> {
  const meter = await stripe.billing.meters.create({
    display_name: 'Usage',
    event_name: METER,
    default_aggregation: { formula: 'sum' },
  });
  await sql`insert into public.plans (id, name, kind) values ('metered', 'Metered', 'metered')`;
  await sql`insert into private.plan_meters values ('metered', 'llm_output_token', ${METER}, 'price_micros', 0.0001, 'usd')`;
  await sql`select public.set_rates(${sql.json([
    { kind: 'llm_output_token', price_micros_per_million: 2_080_000, valid_from: '2020-01-01T00:00:00Z' },
  ])})`;
  const tenants: Tenant[] = [];
  for (let n = 0; n < TENANTS; n++) {
    const [id, userId, customer] = [randomUUID(), randomUUID(), (await stripe.customers.create({})).id];
    await sql`insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
      is_sso_user, is_anonymous) values (${userId}, 'authenticated', 'authenticated', ${`${n}@example.com`}, '{}', '{}', now(), now(), false, false)`;
    await sql.begin(async (sql) => {
      await sql`insert into public.tenants (id, name, plan_id, stripe_customer_id) values (${id}, 'T', 'metered', ${customer})`;
      await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${id}, ${userId}, 'owner')`;
    });
    tenants.push({ id, userId, customer });
  }
  return { meter: meter.id, tenants };
}

/** Entries of a batch: a month long, 5 % of them at any moment of it, with 3 % of an earlier batch once more. */
const entries = (tenant: Tenant, batch: number) => sql`
  select row(${BEGUN}::timestamptz - make_interval(secs => case when n % 20 = 0 then (n * 7919) % 2500000
      else ((${EVENTS} - n)::float8 / ${EVENTS}) * 2500000 end), ${tenant.userId}::uuid, ${tenant.id}::uuid, null, 'llm_output_token',
    null, null, 'openai', 'gpt', 1 + (n * 31) % 5000, '{}'::jsonb, 'k' || n, false)::private.usage_entry as entry
  from (select n from generate_series(${batch * BATCH}::bigint, ${(batch + 1) * BATCH - 1}::bigint) n
    union all select n from generate_series(${(batch - TENANTS) * BATCH}::bigint,
      ${(batch - TENANTS) * BATCH + BATCH * 0.03 - 1}::bigint) n where n >= 0) k`;

async function record(tenants: readonly Tenant[]): Promise<number> {
  const batches = Array.from({ length: Math.ceil(EVENTS / BATCH) }, (_, n) => n);
  const startedMs = performance.now();
  const lane = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const tenant = tenants[batch % tenants.length];
      if (tenant === undefined) continue;
      await sql`select count(*) from private.record_usage(array(select entry from (${entries(tenant, batch)}) e))`;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return performance.now() - startedMs;
}

function startReporter(): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'usage-month-reporter.ts')], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'silent',
      SUPABASE_URL: gateway.url,
      DATABASE_URL: queueUrlOf(server.url),
      SUPABASE_SERVICE_ROLE_KEY: KEYS.secretKey,
      SUPABASE_PUBLISHABLE_KEY: KEYS.publishableKey,
      SUPABASE_JWT_SECRET: KEYS.jwtSecret,
      STRIPE_SECRET_KEY: STRIPE_KEYS.secretKey,
      STRIPE_PUBLISHABLE_KEY: STRIPE_KEYS.publishableKey,
      STRIPE_WEBHOOK_SECRET: 'whsec_for_the_bench',
      STRIPE_API_URL: `http://127.0.0.1:${stripePort}`,
      ACTIVATION_CODE_KEY: 'an activation code key for the bench, of enough length',
      API_KEY_PEPPER: 'a pepper of API keys for the bench, of enough length',
    },
  });
}

const waiting = async (): Promise<number> => {
  const [row] =
    await sql`select count(*)::int as count from private.meter_events where state in ('owed', 'frozen')`;
  return Number(row?.count);
};

/** Kills the reporter as often as it should be, at moments that nobody chose, and takes Stripe away for an hour in between. */
async function disturb(isRecorded: () => boolean): Promise<{ reportMs: number; kills: number }> {
  const startedMs = performance.now();
  let reporter = startReporter();
  let kills = 0;
  let wasAway = false;
  while (!isRecorded() || (await waiting()) > 0) {
    // It has begun to work, and dies somewhere in it.
    if (kills < KILLS && reporter.stdout !== null)
      await Promise.race([once(reporter.stdout, 'data'), sleep(20_000)]);
    await sleep(50 + Math.random() * 1_500);
    if (!wasAway && kills >= KILLS / 2) {
      wasAway = true;
      await standIn.close();
      await sleep(3_000);
      aheadMs += HOUR_MS;
      standIn = await startStripe();
    }
    if (kills < KILLS) {
      reporter.kill('SIGKILL');
      kills++;
      reporter = startReporter();
    }
  }
  const reportMs = performance.now() - startedMs;
  reporter.kill('SIGKILL');
  return { reportMs, kills };
}

async function countedBy(meter: string, tenants: readonly Tenant[]): Promise<bigint> {
  const minute = Math.floor(Date.now() / 60_000) * 60;
  let all = 0n;
  for (const { customer } of tenants) {
    const span = { customer, start_time: minute - 35 * 86_400, end_time: minute + 600 };
    const { data } = await stripe.billing.meters.listEventSummaries(meter, span);
    all += BigInt(data[0]?.aggregated_value ?? 0);
  }
  return all;
}

try {
  const { meter, tenants } = await prepare();
  let recordedMs: number | undefined;
  const recording = record(tenants).then((ms) => {
    recordedMs = ms;
  });
  const { reportMs, kills } = await disturb(() => recordedMs !== undefined);
  await recording;
  await sql`create table private.raw_month as select * from public.usage_events limit 0`;
  const rawStartedMs = performance.now();
  await sql`insert into private.raw_month select * from public.usage_events`;
  const rawMs = performance.now() - rawStartedMs;
  const [row] =
    await sql`select (select count(*) from public.usage_events) as events, (select sum(price_micros) from public.usage_events) as used,
    (select sum(value) from private.meter_events where state = 'delivered') as sent, count(*) as rows, max(attempts) as attempts,
    percentile_cont(0.5) within group (order by extract(epoch from settled_at - recorded_at)) as p50,
    percentile_cont(0.99) within group (order by extract(epoch from settled_at - recorded_at)) as p99 from private.meter_events`;
  const counted = await countedBy(meter, tenants);
  const perSecond = (ms: number) => `${count(Math.round((Number(row?.events) / ms) * 1_000))} a second`;
  const seconds = (value: unknown) => `${Number(value).toFixed(1)} s`;
  const result = [
    ['events recorded (each key once)', count(Number(row?.events))],
    ['micros in our table', String(row?.used)],
    ['micros that were sent', String(row?.sent)],
    ['micros at the stand-in', String(counted)],
    ['reporters killed; most attempts at one event', `${kills}; ${row?.attempts}`],
    ['recorded, with what is to be reported', perSecond(recordedMs ?? 1)],
    ['the same rows into a bare table', perSecond(rawMs)],
    ['reported, kills and the hour included', perSecond(reportMs)],
    ['from recorded to reported, p50 and p99', `${seconds(row?.p50)}, ${seconds(row?.p99)}`],
  ];
  console.log(describeMachine());
  console.log(tableOf(result.map(([name = '', value = '']) => ({ name, value }))));
  const isEqual =
    BigInt(String(row?.used)) === BigInt(String(row?.sent)) && counted === BigInt(String(row?.sent));
  console.log(isEqual && Number(row?.events) === EVENTS ? 'Equal to the unit.' : 'NOT EQUAL');
  process.exitCode = isEqual && Number(row?.events) === EVENTS ? 0 : 1;
} finally {
  await standIn.close();
  await gateway.close();
  await sql.end({ timeout: 1 });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
