import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { createSink } from '../../webhook-server/usage-reports/create-sink.ts';
import { reportUsage } from '../../webhook-server/usage-reports/report-usage.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

const METER = 'mindbot_usage_micros'; /** A ten-thousandth of a cent: the price of a millionth of a dollar. */
const MICRO_CENTS = '0.0001';
export const DAY_MS = 86_400_000;

export type Tenant = { id: string; ownerId: string; customer: string };

/** A plan whose voice seconds and tool calls are billed by what they are priced at. */
async function writePlan(sql: postgres.Sql): Promise<void> {
  await sql`insert into public.plans (id, name, kind) values ('metered_test', 'Metered', 'metered')
    on conflict do nothing`;
  for (const kind of ['voice_second', 'tool_call']) {
    await sql`insert into private.plan_meters (plan_id, kind, event_name, value, unit_amount_decimal, currency)
      values ('metered_test', ${kind}, ${METER}, 'price_micros', ${MICRO_CENTS}, 'usd') on conflict do nothing`;
  }
}

async function addTenant(sidecar: TestSidecar): Promise<Tenant> {
  const { sql } = sidecar.database;
  const owner = await sidecar.database.signUp();
  const customer = (await sidecar.stripe.customers.create({})).id;
  const id = randomUUID();
  await sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, plan_id, stripe_customer_id)
      values (${id}, 'Acme', 'metered_test', ${customer})`;
    await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${id}, ${owner.id}, 'owner')`;
  });
  return { id, ownerId: owner.id, customer };
}

export type Use = { key?: string; price?: number | null; at?: Date; kind?: string; currency?: string };

/** What `private.record_usage` writes, with prices that the test knows. */
export async function use(sql: postgres.Sql, tenant: Tenant, uses: readonly Use[]): Promise<void> {
  const rows = uses.map(
    ({ key = randomUUID(), price = 1_000, at = new Date(), kind = 'voice_second', currency = 'usd' }) => ({
      occurred_month: `${at.toISOString().slice(0, 7)}-01`,
      occurred_at: at,
      owner_id: tenant.id,
      tenant_id: tenant.id,
      user_id: tenant.ownerId,
      kind,
      tool: kind === 'tool_call' ? 'search' : null,
      quantity: 1,
      unit: kind === 'tool_call' ? 'call' : 'second',
      price_micros: price,
      currency,
      key,
    }),
  );
  await sql`insert into public.usage_events ${sql(rows)} on conflict do nothing`;
}

/** A sidecar whose meter is there, for a whole file. */
export async function startReporting() {
  const sidecar = await startSidecar({
    webhooks: false,
    config: { STRIPE_THIN_WEBHOOK_SECRET: 'whsec_thin' },
  });
  const { sql } = sidecar.database;
  await writePlan(sql);
  const meter = await sidecar.stripe.billing.meters.create({
    display_name: 'Usage',
    event_name: METER,
    default_aggregation: { formula: 'sum' },
  });
  return { sidecar, sql, meter, sink: createSink(sidecar.deps) };
}
export type Reporting = Awaited<ReturnType<typeof startReporting>>;

/** A tenant on a metered plan, and what became of its usage. */
export async function sceneOf(reporting: Reporting) {
  const { sidecar, sql, meter, sink } = reporting;
  sidecar.failStripe(() => undefined);
  const tenant = await addTenant(sidecar);
  return {
    ...reporting,
    tenant,
    report: () => reportUsage(sidecar.deps, sink, { leaseSeconds: 0 }),
    /** What the meter has counted of the tenant in the last 36 days. */
    async counted(): Promise<number> {
      const minute = Math.floor(Date.now() / 60_000) * 60;
      const span = { customer: tenant.customer, start_time: minute - 36 * 86_400, end_time: minute + 360 };
      const { data } = await sidecar.stripe.billing.meters.listEventSummaries(meter.id, span);
      return data[0]?.aggregated_value ?? 0;
    },
    async states(): Promise<Record<string, number>> {
      const rows = await sql`select state, count(*)::int as count from private.meter_events
        where tenant_id = ${tenant.id} group by 1`;
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    async makeAllDue(): Promise<void> {
      await sql`update private.meter_events set due_at = now() where state in ('owed', 'frozen')`;
    },
  };
}
