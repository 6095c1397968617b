/**
 * A year of invoices: tenants in five zones with plan changes, trials, the 29th of February, failed cards and credit notes, each
 * month brought on by four replicas at once. Every invoice has to equal an independent calculation to the cent, and doing all of
 * it again has to change nothing.
 * Usage: node bench/year/invoices.ts [--tenants 1000]
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { startGateway } from '../../local/database/gateway.ts';
import { startPostgres } from '../../local/database/postgres-server.ts';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { freePort } from '../../local/free-port.ts';
import { startStripeStandIn } from '../../local/stripe/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { sidecarVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createMail } from '../../webhook-server/base/mail.ts';
import { createMetrics } from '../../webhook-server/base/metrics.ts';
import { beginPlan } from '../../webhook-server/billing/begin-subscription.ts';
import { changePlan } from '../../webhook-server/billing/change-plan.ts';
import { runDueInvoices } from '../../webhook-server/billing/run-invoices.ts';
import { applyInvoice } from '../../webhook-server/payments/apply-invoice.ts';
import { createStripeClient } from '../../webhook-server/payments/stripe-client.ts';
import { count, describeMachine, tableOf } from '../results.ts';
import {
  beginOf,
  type Expected,
  expectedOf,
  MONTHS,
  midnightOf,
  type Story,
  storyOf,
  TRIAL_DAYS,
  UPGRADE_AFTER_SECONDS,
  YEAR,
} from './expected.ts';

const { values } = parseArgs({ options: { tenants: { type: 'string', default: '1000' } } });
const TENANTS = Number(values.tenants);
const REPLICAS = 4;
const LANES = 3;
const KEYS = {
  publishableKey: 'sb_publishable_for_the_bench',
  secretKey: 'sb_secret_for_the_bench',
  jwtSecret: 'a secret for the bench, of 32 characters and more',
};
const STRIPE_KEYS = { secretKey: 'sk_test_for_the_bench', publishableKey: 'pk_test_for_the_bench' };

const folder = mkdtempSync(join(tmpdir(), 'mindbot-year-'));
const server = await startPostgres({ dataDir: join(folder, 'postgres'), port: await freePort() });
const gateway = await startGateway({
  databaseUrl: server.url,
  port: await freePort(),
  keys: KEYS,
  migrations: 'supabase/migrations',
});
const sql = postgres(server.url, { max: LANES + 1, onnotice() {} });
const standIn = await startStripeStandIn({ ...STRIPE_KEYS, databaseFile: ':memory:' });
const config = loadConfig(sidecarVariables, {
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
  STRIPE_API_URL: standIn.url,
  STRIPE_AUTOMATIC_TAX: 'true',
  ACTIVATION_CODE_KEY: 'an activation code key for the bench, of enough length',
  API_KEY_PEPPER: 'a pepper of API keys for the bench, of enough length',
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'a secret of more than thirty-two characters',
});
const deps: Dependencies = {
  config,
  database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
  stripe: createStripeClient(config),
  metrics: createMetrics(),
  mail: createMail(config),
  logger: createLogger('sidecar', config.LOG_LEVEL),
  now: () => new Date(),
};
const { stripe } = deps;

async function settle(story: Story) {
  const [tenantId, userId] = [randomUUID(), randomUUID()];
  const day = new Date(Date.UTC(YEAR, 0, story.startDay)).toISOString().slice(0, 10);
  const begin = Date.UTC(YEAR, 0, story.startDay, story.hour) / 1000;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: begin });
  const { id: customer } = await stripe.customers.create({
    address: { country: 'CA', state: 'ON' },
    test_clock: clock.id,
  });
  await sql`insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
    is_sso_user, is_anonymous) values (${userId}, 'authenticated', 'authenticated', ${`${story.index}@example.com`}, '{}', '{}', now(), now(), false, false)`;
  await sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, stripe_customer_id, time_zone) values (${tenantId}, 'T', ${customer}, ${story.zone})`;
    await sql`insert into public.accounts (id, owner_kind, owner_id, unit) values (${tenantId}, 'tenant', ${tenantId}, 'second')`;
    await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${tenantId}, ${userId}, 'owner')`;
  });
  const pay = async (card: string) => {
    const { id } = await stripe.paymentMethods.attach(card, { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  };
  await pay('pm_card_visa');
  const asked = {
    tenant_id: tenantId,
    plan_code: story.plan,
    ...(story.isTried ? { trial: true } : { start_date: day }),
  };
  const { subscription_id: subscriptionId } = await beginPlan(deps, tenantId, asked);
  const advance = (to: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  return { tenantId, customer, subscriptionId, pay, advance };
}

/** The newest invoice, brought on by as many replicas at once. */
async function bringOn(subscription: string, replicas: number): Promise<string> {
  const [invoice] = (await stripe.invoices.list({ subscription, limit: 1 })).data;
  const id = invoice?.id ?? '';
  await Promise.all(Array.from({ length: replicas }, () => applyInvoice(deps, id)));
  return id;
}

/** What is used in a month: the count of its nights, and credits. */
async function use(tenantId: string, subscriptionId: string, story: Story, month: number): Promise<void> {
  const start = midnightOf(story, beginOf(story, month));
  await sql`insert into public.asset_snapshots (tenant_id, asset_count, captured_at)
    values (${tenantId}, ${story.assets[month - 1] ?? 0}, ${start})`;
  const burned = story.burned[month - 1] ?? 0;
  if (burned === 0) return;
  await sql.begin(async (sql) => {
    await sql`select private.post((private.lock_credits(${tenantId})).id, null, 'use', ${-burned}, ${`burn:${tenantId}:${month}`})`;
    const changed = await sql`update public.credit_periods set used = used + ${burned}
      where subscription_id = ${subscriptionId} and period_start = ${start}`;
    if (changed.count !== 1) throw new Error(`no period of ${subscriptionId} begins at ${start}`);
  });
}

async function live(story: Story): Promise<string> {
  const { tenantId, subscriptionId, pay, advance } = await settle(story);
  const asked = { tenantId, subscriptionId };
  if (story.isTried) {
    await advance(beginOf(story, 1));
    await bringOn(subscriptionId, 1);
    await advance(beginOf(story, 1) + 3_600);
    await bringOn(subscriptionId, 1);
  }
  for (let month = 1; month <= MONTHS; month++) {
    await use(tenantId, subscriptionId, story, month);
    if (month === story.upgradeIn || month === story.downgradeIn) {
      await advance(beginOf(story, month) + UPGRADE_AFTER_SECONDS);
      await changePlan(deps, asked, { plan_code: month === story.upgradeIn ? 'PRO' : 'STARTER' });
      await bringOn(subscriptionId, 1);
    }
    if (month === MONTHS) break;
    const next = beginOf(story, month + 1);
    await advance(next);
    await bringOn(subscriptionId, REPLICAS);
    const fails = month + 1 === story.cardFailsIn;
    if (fails) await pay('pm_card_chargeCustomerFail');
    await advance(next + 3_600);
    await bringOn(subscriptionId, fails ? REPLICAS : 1);
    if (fails) {
      await pay('pm_card_mastercard');
      await advance(next + 3_600 + 3 * 86_400);
    }
    const id = await bringOn(subscriptionId, 1);
    if (month + 1 === story.creditedIn) {
      await stripe.creditNotes.create({ invoice: id, amount: 10_000, refund_amount: 10_000 });
      await bringOn(subscriptionId, 2);
    }
  }
  return tenantId;
}

/** Where the books and the story differ, and where the books and Stripe do. */
async function differences(story: Story, tenantId: string): Promise<string[]> {
  const rows =
    await sql`select id, status, subtotal_cents::int as subtotal, tax_cents::int as tax, period_start, credited_cents::int as credited
    from public.billing_invoices where tenant_id = ${tenantId} order by created_at, period_start nulls last`;
  const expected = expectedOf(story);
  const told = (one: Expected) => `${one.subtotal}+${one.tax} from ${one.periodStart}`;
  const lines: string[] = [];
  for (let at = 0; at < Math.max(rows.length, expected.length); at++) {
    const [row, wanted] = [rows[at], expected[at]];
    const found = row && {
      subtotal: row.subtotal,
      tax: row.tax,
      periodStart: row.period_start?.toISOString() ?? null,
    };
    const [is, should] = [found ? told(found) : 'none', wanted ? told(wanted) : 'none'];
    if (is !== should || row?.status !== 'paid')
      lines.push(`tenant ${story.index}, invoice ${at + 1}: ${is} (${row?.status}), not ${should}`);
    if (row === undefined) continue;
    const theirs = await stripe.invoices.retrieve(row.id);
    if (theirs.subtotal !== row.subtotal || theirs.total !== row.subtotal + row.tax)
      lines.push(`tenant ${story.index}, invoice ${at + 1}: ${theirs.total} at Stripe`);
  }
  return lines;
}

/** All that a repeat could change. */
async function state(): Promise<string> {
  const [row] = await sql`select jsonb_build_object(
    'invoices', (select jsonb_build_array(count(*), sum(total_cents), sum(credited_cents), count(granted_at)) from public.billing_invoices),
    'lines', (select jsonb_build_array(count(*), sum(amount_cents), count(stripe_item_id), count(distinct invoice_id)) from private.invoice_lines),
    'periods', (select jsonb_build_array(count(*), sum(used), sum(granted), sum(overage)) from public.credit_periods),
    'ledger', (select jsonb_build_array(count(*), sum(amount)) from public.ledger), 'jobs', (select count(*) from pgboss.job where name = 'notice'),
    'findings', (select count(*) from public.reconciliation_findings))::text as state`;
  return String(row?.state);
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

try {
  const stories = Array.from({ length: TENANTS }, (_, index) => storyOf(index));
  const tenants = new Map<number, string>();
  const startedMs = performance.now();
  await inLanes(stories, async (story) => void tenants.set(story.index, await live(story)));
  const seconds = (performance.now() - startedMs) / 1000;
  const wrong: string[] = [];
  await inLanes(
    stories,
    async (story) => void wrong.push(...(await differences(story, tenants.get(story.index) ?? ''))),
  );
  const before = await state();
  const all = await sql`select id from public.billing_invoices order by id`;
  for (let time = 0; time < 2; time++) {
    await inLanes(all, async ({ id }) => void (await applyInvoice(deps, id)));
    await Promise.all(Array.from({ length: REPLICAS }, () => runDueInvoices(deps)));
  }
  const after = await state();
  const [sums] =
    await sql`select count(*)::int as invoices, sum(total_cents)::bigint as cents from public.billing_invoices`;
  console.log(describeMachine());
  console.log(
    tableOf([
      {
        name: 'tenants',
        value: count(TENANTS),
        details: `trials of ${TRIAL_DAYS} days, plan changes, failed cards, credit notes`,
      },
      {
        name: 'invoices',
        value: count(Number(sums?.invoices)),
        details: `${count(Number(sums?.cents))} cents with tax`,
      },
      { name: 'the whole year', value: `${seconds.toFixed(0)} s` },
      { name: 'not as calculated', value: count(wrong.length), goal: { text: '0', met: wrong.length === 0 } },
      {
        name: 'changed by all of it again',
        value: before === after ? '0' : 'something',
        goal: { text: '0', met: before === after },
      },
    ]),
  );
  for (const line of wrong.slice(0, 20)) console.log(line);
  if (before !== after) console.log(`${before}\n${after}`);
  if (wrong.length > 0 || before !== after) process.exitCode = 1;
} finally {
  await sql.end();
  await standIn.close();
  await gateway.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
