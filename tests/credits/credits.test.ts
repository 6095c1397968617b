import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { violations } from '../time/people.ts';
import { age, pay, periodUsage, renew, subscribe, track } from './scene.ts';

test("the seed's case: 12 units are 12 credits, and a PRO month with 1,200 assets and 1.5M credits is 10,600.00 CAD", async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  const first = await track(sql, tenant, 'LLM_token_usage', 12, { subscriptionId: tenant.subscriptionId });
  expect(first).toEqual({
    status: 'tracked',
    replayed: false,
    answer: { ok: true, credits_burned: 12, remaining_credits: 999_988, alert: null },
  });
  const low = await track(sql, tenant, 'LLM_token_usage', 899_988);
  expect(low.answer).toMatchObject({ remaining_credits: 100_000, alert: 'LOW' });
  expect((await track(sql, tenant, 'LLM_token_usage', 100_000)).answer).toMatchObject({
    remaining_credits: 0,
    alert: 'LOW',
  });
  expect((await track(sql, tenant, 'simulator_run', 500)).answer).toEqual({
    ok: true,
    credits_burned: 500_000,
    remaining_credits: -500_000,
    alert: 'OVERAGE',
  });
  await sql`select record_assets(${tenant.tenantId}, 1200)`;
  const [limits] =
    await sql`select credits_used::int, credits_remaining::int, overage_credits::int, percent_used::float8, plan_code
      from v_subscription_credit_summary where tenant_id = ${tenant.tenantId}`;
  expect(limits).toEqual({
    credits_used: 1_500_000,
    credits_remaining: 0,
    overage_credits: 500_000,
    percent_used: 150,
    plan_code: 'PRO',
  });
  const open = await periodUsage(sql, tenant.subscriptionId);
  expect(open).toMatchObject({ is_final: false, subtotal_cents: 1_060_000 });
  await age(sql, tenant, 25);
  const usage = await periodUsage(sql, tenant.subscriptionId);
  expect(usage).toMatchObject({
    is_final: true,
    plan_code: 'PRO',
    currency: 'cad',
    base_cents: 900_000,
    assets: { billed: 1200, included: 1000, extra: 200, cents: 60_000, counted: 'average of 20 nights' },
    credits: { used: 1_500_000, included: 1_000_000, overage: 500_000, cents: 100_000 },
    subtotal_cents: 1_060_000,
    chain: [
      'Base of Pro (Scale): 9,000.00',
      'Assets: 1,200 billed (average of 20 nights) - 1,000 included = 200 x 3.00 = 600.00',
      'Credits: 1,500,000 used, 500,000 beyond what was there x 0.0020 = 1,000.00',
      'Together before tax: 10,600.00 CAD',
    ],
  });
  // Asked again, and after the next period was paid, it is the same; and that one begins with all of its credits.
  expect(await periodUsage(sql, tenant.subscriptionId)).toEqual(usage);
  await renew(sql, tenant.subscriptionId);
  expect(await pay(sql, tenant.subscriptionId)).toEqual({ status: 'granted', credits: 1_000_000 });
  expect(await pay(sql, tenant.subscriptionId)).toEqual({ status: 'granted_before' });
  const next = await track(sql, tenant, 'optimizer_job', 1);
  expect(next.answer).toMatchObject({ credits_burned: 500, remaining_credits: 999_500 });
  expect(await violations(sql)).toEqual([]);
});
