import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { addPerson } from '../time/people.ts';
import { addTenant } from '../usage/usage.ts';

export type Subscribed = { tenantId: string; ownerId: string; subscriptionId: string };
export type Answer = {
  status: string;
  replayed?: boolean;
  remaining_credits?: number;
  answer?: { ok: boolean; credits_burned: number; remaining_credits: number; alert: string | null };
};

type Options = { plan?: string; status?: string; startedDaysAgo?: number; days?: number; paid?: boolean };

/** A tenant with a subscription to a plan with credits, whose period is paid unless it says otherwise. */
export async function subscribe(sql: postgres.Sql, options: Options = {}): Promise<Subscribed> {
  const { plan = 'credits_pro', status = 'active', startedDaysAgo = 10, days = 30, paid = true } = options;
  const ownerId = await addPerson(sql);
  const tenantId = await addTenant(sql, [ownerId]);
  const subscriptionId = `sub_${randomUUID().replaceAll('-', '')}`;
  await sql`insert into subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
    values (${subscriptionId}, ${tenantId}, ${plan}, ${status}, date_trunc('second', now()) - make_interval(days => ${startedDaysAgo}),
      date_trunc('second', now()) + make_interval(days => ${days - startedDaysAgo}))`;
  if (paid && status !== 'trialing') await pay(sql, subscriptionId);
  return { tenantId, ownerId, subscriptionId };
}

/** As `invoice.paid` does it, for the period that the subscription is in. */
export async function pay(sql: postgres.ISql, subscriptionId: string, invoiceId = `in_${randomUUID()}`) {
  const [row] =
    await sql`select private.grant_credits(id, current_period_start, current_period_end, ${invoiceId}) as answer
    from subscriptions where id = ${subscriptionId}`;
  return row?.answer as { status: string; credits?: number };
}

export async function track(
  sql: postgres.ISql,
  { tenantId }: { tenantId: string },
  eventType: string,
  units: number | string,
  more: { key?: string; subscriptionId?: string; meta?: object } = {},
): Promise<Answer> {
  const { key = null, subscriptionId = null, meta = {} } = more;
  const [row] = await sql`select track_credits(${tenantId}, ${subscriptionId}, ${eventType}, ${units}, ${key},
    ${sql.json(meta as never)}) as answer`;
  return row?.answer;
}

/** What the invoice of the period says that the subscription is in, or of the one that began then. */
export async function periodUsage(sql: postgres.ISql, subscriptionId: string) {
  const [row] = await sql`select private.period_usage(id, current_period_start, current_period_end) as usage
    from subscriptions where id = ${subscriptionId}`;
  return row?.usage;
}

/** The period that is under way began and ends so much earlier, with all that belongs to it. */
export async function age(sql: postgres.Sql, { tenantId, subscriptionId }: Subscribed, days: number) {
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    const by = sql`make_interval(days => ${days})`;
    await sql`update subscriptions set current_period_start = current_period_start - ${by},
      current_period_end = current_period_end - ${by} where id = ${subscriptionId}`;
    await sql`update private.credit_grants set period_start = period_start - ${by} where subscription_id = ${subscriptionId}`;
    await sql`update credit_periods set period_start = period_start - ${by}, period_end = period_end - ${by}
      where subscription_id = ${subscriptionId}`;
    await sql`update grants set expires_at = expires_at - ${by} where account_id in
      (select id from accounts where tenant_id = ${tenantId} and unit = 'credit')`;
    await sql`update accounts set first_end = first_end - ${by} where tenant_id = ${tenantId} and unit = 'credit'`;
    await sql`update asset_snapshots set captured_at = captured_at - ${by} where tenant_id = ${tenantId}`;
  });
}

/** The next period begins where the last one ended, as Stripe tells it. */
export const renew = (sql: postgres.ISql, subscriptionId: string, planId?: string) =>
  sql`update subscriptions set current_period_start = current_period_end,
    current_period_end = current_period_end + interval '30 days', plan_id = coalesce(${planId ?? null}, plan_id)
    where id = ${subscriptionId}`;
