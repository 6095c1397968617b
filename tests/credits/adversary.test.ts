import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addPerson, violations } from '../time/people.ts';
import { addTenant } from '../usage/usage.ts';
import { age, pay, periodUsage, renew, subscribe, track } from './scene.ts';

test('100 at once with one key are one burn, and all are answered the same', async ({ db }) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => track(sql, tenant, 'optimizer_job', 1, { key: 'job-1' })),
  );
  const [first] = answers;
  expect(first?.answer).toEqual({ ok: true, credits_burned: 500, remaining_credits: 999_500, alert: null });
  for (const { answer } of answers) expect(answer).toEqual(first?.answer);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  const [{ burned, events } = {}] =
    await sql`select -sum(l.amount)::int as burned, (select count(*)::int from usage_events
    where tenant_id = ${tenant.tenantId}) as events from ledger l join accounts a on a.id = l.account_id
    where a.tenant_id = ${tenant.tenantId} and l.reason = 'use'`;
  expect([burned, events]).toEqual([500, 1]);
  // The answer stays what it was, whatever was burned since; and a key names one event.
  await track(sql, tenant, 'optimizer_job', 7);
  expect((await track(sql, tenant, 'optimizer_job', 1, { key: 'job-1' })).answer).toEqual(first?.answer);
  expect(await track(sql, tenant, 'optimizer_job', 2, { key: 'job-1' })).toEqual({ status: 'key_reused' });
  // Of another tenant it is another key.
  expect(await track(sql, await subscribe(sql), 'optimizer_job', 1, { key: 'job-1' })).toMatchObject({
    replayed: false,
  });
});

test('no request is rounded up: what is no whole credit waits for the next event of its type', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  const burned: number[] = [];
  for (const units of ['0.4', '0.599', '0.001', '0.999', '0.001'])
    burned.push((await track(sql, tenant, 'LLM_token_usage', units)).answer?.credits_burned ?? -1);
  expect(burned).toEqual([0, 0, 1, 0, 1]);
  // 7 frames of 5 per 100; of another type nothing is added.
  const frames = await Promise.all(
    Array.from({ length: 60 }, () => track(sql, tenant, 'vision_frame_batch', '0.07')),
  );
  expect(frames.reduce((sum, { answer }) => sum + (answer?.credits_burned ?? 0), 0)).toBe(21);
  expect(await track(sql, tenant, 'LLM_token_usage', '0.0005')).toEqual({
    status: 'parted_unit',
    pieces_per_unit: 1000,
  });
  expect(await track(sql, tenant, 'simulator_run', '1.5')).toMatchObject({ status: 'parted_unit' });
  // A second of a minute is no decimal number.
  expect((await track(sql, tenant, 'voice_minute', 6 / 60)).answer).toMatchObject({ credits_burned: 1 });
  expect((await track(sql, tenant, 'voice_minute', 31_681 / 60)).answer).toMatchObject({
    credits_burned: 5280,
  });
  for (const units of ['NaN', 'Infinity', '-1', '0', '1e13'])
    expect(await track(sql, tenant, 'LLM_token_usage', units)).toEqual({ status: 'malformed' });
  expect(await track(sql, tenant, 'unheard_of', 1)).toEqual({ status: 'unknown_event_type' });
  expect(await violations(sql)).toEqual([]);
});

test('a rule changes from a moment on: what was burned stays, and what is left over counts as the part of a credit that it was', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  const set = async (credits: number, per: number, from: string) =>
    (
      await sql`select set_credit_rule('scan', 'scan', 'scan', 1, ${credits}, ${per}, ${from}::timestamptz) as answer`
    )[0]?.answer;
  expect(await set(1, 4, '2026-01-01Z')).toEqual({ status: 'set' });
  expect((await track(sql, tenant, 'scan', 3)).answer).toMatchObject({ credits_burned: 0 });
  expect(await set(1, 3, '2026-02-01Z')).toMatchObject({ reason: 'another_holds_then' });
  const soon = new Date(Date.now() + 300).toISOString();
  expect(await set(1, 8, soon)).toEqual({ status: 'set' });
  expect(await set(1, 8, soon)).toEqual({ status: 'unchanged' });
  await sql`select pg_sleep(0.4)`;
  // Three quarters of a credit are six eighths.
  expect((await track(sql, tenant, 'scan', 1)).answer).toMatchObject({ credits_burned: 0 });
  expect((await track(sql, tenant, 'scan', 1)).answer).toMatchObject({ credits_burned: 1 });
  const rules =
    await sql`select distinct r.per_pieces from usage_events u join credit_rules r on r.id = u.credit_rule_id
    where u.event_type = 'scan' order by 1`;
  expect(rules.map(({ per_pieces }) => per_pieces)).toEqual([4, 8]);
});

test('beyond the credits: refused on a trial and without a plan, all or nothing; on a paid period up to its cap', async ({
  db,
}) => {
  const { sql } = db;
  // 14 days of a month of 30: 466,666 credits.
  const trial = await subscribe(sql, { status: 'trialing', startedDaysAgo: 1, days: 14 });
  expect((await track(sql, trial, 'simulator_run', 466)).answer).toMatchObject({
    remaining_credits: 666,
    alert: 'LOW',
  });
  expect(await track(sql, trial, 'simulator_run', 1)).toEqual({
    status: 'no_credits_left',
    remaining_credits: 666,
  });
  expect((await track(sql, trial, 'LLM_token_usage', 666)).answer).toMatchObject({ remaining_credits: 0 });
  const raced = await Promise.all(Array.from({ length: 20 }, () => track(sql, trial, 'LLM_token_usage', 1)));
  expect(raced.every(({ status }) => status === 'no_credits_left')).toBe(true);
  // What was refused is nowhere, and its key is free.
  expect(await periodUsage(sql, trial.subscriptionId)).toMatchObject({
    is_trial: true,
    subtotal_cents: 0,
    credits: { used: 466_666, overage: 0 },
  });
  const [person] = [await addPerson(sql)];
  const planless = { tenantId: await addTenant(sql, [person]) };
  expect(await track(sql, planless, 'tool_call', 1)).toMatchObject({ status: 'no_credits_left' });

  const paid = await subscribe(sql, { plan: 'credits_starter' });
  await sql`select set_credit_settings(${paid.ownerId}, ${paid.tenantId}, 100, 1000)`;
  expect((await track(sql, paid, 'LLM_token_usage', 249_000)).answer).toMatchObject({
    remaining_credits: 1000,
    alert: 'LOW',
  });
  // 1.00 is 500 credits at 0.0020.
  expect(await track(sql, paid, 'LLM_token_usage', 1501)).toMatchObject({
    status: 'overage_cap_reached',
    remaining_credits: 1000,
  });
  expect((await track(sql, paid, 'LLM_token_usage', 1500)).answer).toMatchObject({
    remaining_credits: -500,
    alert: 'OVERAGE',
  });
  expect(await track(sql, paid, 'tool_call', 1)).toMatchObject({ status: 'overage_cap_reached' });
  expect(await periodUsage(sql, paid.subscriptionId)).toMatchObject({
    credits: { overage: 500, cents: 100 },
  });
  expect(await violations(sql)).toEqual([]);
});

test('ahead of a payment no more is used than it brings, and it pays for that; who never pays is billed no overage for it', async ({
  db,
}) => {
  const { sql } = db;
  const late = await subscribe(sql, { status: 'past_due', paid: false });
  expect((await track(sql, late, 'simulator_run', 999)).answer).toMatchObject({
    remaining_credits: 1000,
    alert: 'LOW',
  });
  expect(await track(sql, late, 'simulator_run', 2)).toEqual({
    status: 'no_credits_left',
    remaining_credits: 1000,
  });
  expect(await pay(sql, late.subscriptionId)).toMatchObject({ status: 'granted' });
  expect((await track(sql, late, 'simulator_run', 2)).answer).toMatchObject({
    remaining_credits: -1000,
    alert: 'OVERAGE',
  });
  expect(await periodUsage(sql, late.subscriptionId)).toMatchObject({
    credits: { used: 1_001_000, overage: 1000 },
  });

  const never = await subscribe(sql, { status: 'past_due', paid: false });
  await track(sql, never, 'simulator_run', 300);
  await age(sql, never, 25);
  expect(await periodUsage(sql, never.subscriptionId)).toMatchObject({
    is_final: true,
    credits: { used: 300_000, overage: 0, cents: 0 },
    subtotal_cents: 900_000,
  });
  expect(await pay(sql, never.subscriptionId)).toEqual({ status: 'period_over' });
  expect(await violations(sql)).toEqual([]);
});

test('first expiring first, promotional before paid; what ended is gone, and what comes in between pays the overage', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql, { plan: 'credits_starter' });
  const operatorId = await addPerson(sql);
  await sql`update users set role = 'operator' where id = ${operatorId}`;
  const give = async (credits: number, days: number, key: string) =>
    (
      await sql`select give_promotional_credits(${tenant.tenantId}, ${credits}, ${days}, 'pilot', ${operatorId}, ${key}) as answer`
    )[0]?.answer.status;
  expect([await give(1000, 300, 'a'), await give(500, 2, 'b'), await give(500, 2, 'b')]).toEqual([
    'given',
    'given',
    'given_before',
  ]);
  expect((await track(sql, tenant, 'LLM_token_usage', 1200)).answer).toMatchObject({
    remaining_credits: 250_300,
  });
  const left = async () =>
    (
      await sql`select g.remaining::int from grants g join accounts a on a.id = g.account_id
      where a.tenant_id = ${tenant.tenantId} and a.unit = 'credit' order by g.paid, g.bonus`
    ).map(({ remaining }) => remaining);
  expect(await left()).toEqual([0, 300, 250_000]);
  await age(sql, tenant, 21);
  await renew(sql, tenant.subscriptionId);
  await pay(sql, tenant.subscriptionId);
  // 249,000 of the first period ended with it; the promotion goes on.
  expect((await track(sql, tenant, 'LLM_token_usage', 1)).answer).toMatchObject({
    remaining_credits: 250_299,
  });
  await track(sql, tenant, 'LLM_token_usage', 250_999);
  expect(await periodUsage(sql, tenant.subscriptionId)).toMatchObject({ credits: { overage: 700 } });
  expect(await give(1000, 30, 'c')).toBe('given');
  expect(await periodUsage(sql, tenant.subscriptionId)).toMatchObject({
    credits: { used: 251_000, overage: 0 },
  });
  expect((await track(sql, tenant, 'LLM_token_usage', 100)).answer).toMatchObject({ remaining_credits: 200 });
  // Nobody gives to their own.
  await sql`insert into tenant_members (tenant_id, user_id, role) values (${tenant.tenantId}, ${operatorId}, 'member')`;
  expect(await give(1000, 30, 'd')).toBe('own_tenant');
  expect(await violations(sql)).toEqual([]);
});

test('a larger plan in the middle brings its difference by time, and prices the whole period; a smaller one begins with the next', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql, { startedDaysAgo: 10 });
  await track(sql, tenant, 'simulator_run', 900);
  await sql`update subscriptions set plan_id = 'credits_enterprise' where id = ${tenant.subscriptionId}`;
  const upgrade = async () =>
    (
      await sql`select private.grant_upgrade_credits(${tenant.subscriptionId}, 'credits_pro', 'credits_enterprise',
      current_period_start + interval '10 days', 'in_up') as answer from subscriptions where id = ${tenant.subscriptionId}`
    )[0]?.answer;
  expect(await upgrade()).toEqual({ status: 'granted', credits: 2_666_666 });
  expect(await upgrade()).toEqual({ status: 'granted_before' });
  expect((await track(sql, tenant, 'simulator_run', 3000)).answer).toMatchObject({
    remaining_credits: -233_334,
  });
  await age(sql, tenant, 25);
  await renew(sql, tenant.subscriptionId, 'credits_starter');
  await pay(sql, tenant.subscriptionId);
  // The plan of its end, although the next one is smaller by now.
  const [before] =
    await sql`select usage from credit_periods where subscription_id = ${tenant.subscriptionId} and closed_at is not null`;
  expect(before?.usage).toMatchObject({
    plan_code: 'ENTERPRISE',
    base_cents: 1_800_000,
    credits: {
      included: 3_666_666,
      used: 3_900_000,
      overage: 233_334,
      unit_price_micros: 1500,
      cents: 35_000,
    },
  });
  expect((await track(sql, tenant, 'tool_call', 1)).answer).toMatchObject({ remaining_credits: 249_999 });
  expect(await violations(sql)).toEqual([]);
});

test('money that went back takes credits that are left, once; what was used stays used', async ({ db }) => {
  const { sql } = db;
  const tenant = await subscribe(sql, { paid: false });
  await pay(sql, tenant.subscriptionId, 'in_1');
  await track(sql, tenant, 'simulator_run', 700);
  const take = async (share: number) =>
    (await sql`select private.take_back_credits('in_1', ${share})::int as taken`)[0]?.taken;
  expect([await take(0.25), await take(0.25), await take(1), await take(1)]).toEqual([250_000, 0, 50_000, 0]);
  expect((await track(sql, tenant, 'simulator_run', 1)).answer).toMatchObject({ remaining_credits: -1000 });
  expect(await violations(sql)).toEqual([]);
});

test('Stripe tells of the next period late: its use is of that period, and its overage is not billed in the one before', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  await track(sql, tenant, 'simulator_run', 1001);
  await age(sql, tenant, 21);
  // Nobody told of the new period yet.
  expect((await track(sql, tenant, 'simulator_run', 5)).answer).toMatchObject({ remaining_credits: 995_000 });
  const usage = await periodUsage(sql, tenant.subscriptionId);
  expect(usage).toMatchObject({ is_final: true, credits: { used: 1_001_000, overage: 1000 } });
  await renew(sql, tenant.subscriptionId);
  expect(await pay(sql, tenant.subscriptionId)).toMatchObject({ status: 'granted', credits: 1_000_000 });
  expect((await track(sql, tenant, 'simulator_run', 1)).answer).toMatchObject({ remaining_credits: 994_000 });
  expect(await periodUsage(sql, tenant.subscriptionId)).toMatchObject({
    is_final: false,
    credits: { used: 6000, overage: 0 },
  });
  const periods =
    await sql`select period_end is not null as ended, closed_at is not null as closed, used::int from credit_periods
    where subscription_id = ${tenant.subscriptionId} order by period_start`;
  expect(periods.map((row) => ({ ...row }))).toEqual([
    { ended: true, closed: true, used: 1_001_000 },
    { ended: true, closed: false, used: 6000 },
  ]);
  expect(await violations(sql)).toEqual([]);
});

test('the grant of a period, its close and 60 events at once: each credit is somewhere once', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  await track(sql, tenant, 'simulator_run', 1000);
  await age(sql, tenant, 21);
  await renew(sql, tenant.subscriptionId);
  const [start] =
    await sql`select current_period_start - interval '30 days' as at, current_period_start as end from subscriptions
    where id = ${tenant.subscriptionId}`;
  const all = await Promise.all([
    ...Array.from({ length: 60 }, () => track(sql, tenant, 'optimizer_job', 1)),
    ...Array.from({ length: 4 }, () => pay(sql, tenant.subscriptionId)),
    ...Array.from(
      { length: 4 },
      async () =>
        (
          await sql`select private.period_usage(${tenant.subscriptionId}, ${start?.at}, ${start?.end}) as usage`
        )[0]?.usage,
    ),
  ]);
  expect(all.slice(60, 64).filter(({ status }) => status === 'granted')).toHaveLength(1);
  expect(new Set(all.slice(64).map((usage) => JSON.stringify(usage))).size).toBe(1);
  expect(all.at(-1)).toMatchObject({ credits: { used: 1_000_000, overage: 0 } });
  expect(await periodUsage(sql, tenant.subscriptionId)).toMatchObject({
    credits: { used: 30_000, overage: 0 },
  });
  expect(await violations(sql)).toEqual([]);
});

test('whoever is closed, or names a subscription of somebody else, burns nothing', async ({ db }) => {
  const { sql } = db;
  const [mine, other] = [await subscribe(sql), await subscribe(sql)];
  expect(await track(sql, mine, 'tool_call', 1, { subscriptionId: other.subscriptionId })).toEqual({
    status: 'unknown_subscription',
  });
  expect(await track(sql, { tenantId: randomUUID() }, 'tool_call', 1)).toEqual({ status: 'unknown_tenant' });
  expect(await track(sql, mine, 'tool_call', 1, { meta: { words: 'what somebody said' } })).toEqual({
    status: 'malformed',
  });
  await sql`update tenants set closed_at = now() where id = ${mine.tenantId}`;
  expect(await track(sql, mine, 'tool_call', 1)).toEqual({ status: 'unknown_tenant' });
});

test('the audit tells of credits that were burned, granted, billed or owed without their row', async ({
  db,
}) => {
  const { sql } = db;
  const tenant = await subscribe(sql);
  await track(sql, tenant, 'simulator_run', 1200);
  await age(sql, tenant, 25);
  await periodUsage(sql, tenant.subscriptionId);
  await renew(sql, tenant.subscriptionId);
  await pay(sql, tenant.subscriptionId);
  await track(sql, tenant, 'simulator_run', 1001);
  expect(await violations(sql)).toEqual([]);
  const { tenantId, subscriptionId } = tenant;
  const corruptions = [
    sql`update credit_days set credits = credits - 1 where tenant_id = ${tenantId}`,
    sql`update credit_periods set overage = overage - 1 where subscription_id = ${subscriptionId} and closed_at is not null`,
    sql`update private.credit_grants set amount = amount - 1 where tenant_id = ${tenantId}`,
    sql`update credit_periods set granted = 0 where subscription_id = ${subscriptionId} and closed_at is null`,
    sql`update credit_periods set is_trial = true where subscription_id = ${subscriptionId} and closed_at is null`,
  ];
  for (const corruption of corruptions) {
    const found = sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`${corruption}`;
      const wrong = await violations(tx);
      throw Object.assign(new Error('undone'), { wrong });
    });
    const { wrong } = await found.catch((error: { wrong?: { invariant?: string }[] }) => error);
    expect(JSON.stringify(wrong)).toContain('I8');
  }
});
