/**
 * A year of credits: tenants in six zones with trials, plan changes, late and missing payments, refunds, promotions and caps, the
 * 29th of February and summer time. Each answer and each period has to equal an independent calculation, each grant and each close
 * comes from four replicas at once, and doing them again has to change nothing. The database's clock is the story's.
 * Usage: node bench/year/credits.ts [--tenants 1000] [--events 5]
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { count, describeMachine, type Result, tableOf } from '../results.ts';
import { startBenchServer } from '../start-server.ts';
import { type Step, type Story, storyOf } from './credit-stories.ts';
import { type Bill, expectedOf } from './expected-credits.ts';

const { values } = parseArgs({
  options: { tenants: { type: 'string', default: '1000' }, events: { type: 'string', default: '5' } },
});
const [tenants, events] = [Number(values.tenants), Number(values.events)];
const LANES = 3;
const REPLICAS = 4;

/** Each function that asks what time it is asks the session's own clock instead. */
const OWN_CLOCK = `
  create schema sim;
  create function sim.now() returns timestamptz language sql stable as $$ select current_setting('sim.now')::timestamptz $$;
  do $do$
  declare f record;
  begin
    for f in select p.oid, pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace::regnamespace::text in ('public', 'private')
        and p.prosrc ~ '\\m(now|clock_timestamp)\\(\\)' loop
      execute regexp_replace(f.text, '\\m(now|clock_timestamp)\\(\\)', 'sim.now()', 'g');
    end loop;
  end $do$;
  alter table public.grants alter column created_at set default sim.now();
  create function sim.at(p_at timestamptz) returns void language sql as $$ select set_config('sim.now', p_at::text, false) $$;
  create function sim.track(p_tenant_id uuid, p_at timestamptz, p_type text, p_units numeric, p_key text) returns jsonb language plpgsql as $$
  begin
    perform sim.at(p_at);
    return public.track_credits(p_tenant_id, null, p_type, p_units, p_key);
  end $$`;

type Found = { answers: number; bills: number; wrong: string[]; changed: number };
const found: Found = { answers: 0, bills: 0, wrong: [], changed: 0 };
const differ = (where: string, ours: unknown, theirs: unknown) => {
  if (JSON.stringify(ours) !== JSON.stringify(theirs))
    found.wrong.push(`${where}: ${JSON.stringify(theirs)} instead of ${JSON.stringify(ours)}`);
};

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
const replicas = Array.from({ length: LANES }, () =>
  Array.from({ length: REPLICAS }, () => postgres(server.url, { max: 1, onnotice() {} })),
);
async function end(): Promise<void> {
  await Promise.all(replicas.flat().map((sql) => sql.end({ timeout: 1 })));
  await server[Symbol.asyncDispose]();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

type Played = { story: Story; id: string; subscription: string; sqls: postgres.Sql[] };
const iso = (at: number) => new Date(at).toISOString();
const planOf = (code: string) => `credits_${code.toLowerCase()}`;

/** The same by four replicas at once. */
const byAll = (sqls: postgres.Sql[], at: number, work: (sql: postgres.Sql) => Promise<unknown>) =>
  Promise.all(
    sqls.map(async (sql) => {
      await sql`select sim.at(${iso(at)})`;
      return work(sql);
    }),
  );

async function play(
  { id, subscription, sqls }: Played,
  step: Step,
  operator: string,
): Promise<postgres.Row | undefined> {
  const [sql] = sqls as [postgres.Sql];
  await sql`select sim.at(${iso(step.at)})`;
  switch (step.what) {
    case 'period': {
      const row = {
        ...{
          id: subscription,
          tenant_id: id,
          plan_id: planOf(step.plan),
          status: step.isTrial ? 'trialing' : 'active',
        },
        ...{ current_period_start: iso(step.start), current_period_end: iso(step.end) },
      };
      await sql`insert into subscriptions ${sql(row)} on conflict (id) do update set plan_id = excluded.plan_id, status = excluded.status,
        current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end`;
      return;
    }
    case 'pay':
      await byAll(
        sqls,
        step.at,
        async (one) =>
          one`select private.grant_credits(${subscription}, ${iso(step.start)}, ${iso(step.end)}, ${step.invoice})`,
      );
      return;
    case 'upgrade':
      await sql`update subscriptions set plan_id = ${planOf(step.to)} where id = ${subscription}`;
      await byAll(
        sqls,
        step.at,
        async (one) => one`select private.grant_upgrade_credits(${subscription}, ${planOf(step.from)},
        ${planOf(step.to)}, ${iso(step.at)}, ${step.invoice})`,
      );
      return;
    case 'refund':
      await byAll(
        sqls,
        step.at,
        async (one) => one`select private.take_back_credits(${step.invoice}, ${step.share})`,
      );
      return;
    case 'promote':
      await byAll(
        sqls,
        step.at,
        async (
          one,
        ) => one`select give_promotional_credits(${id}, ${step.credits}, ${step.days}, 'year', ${operator},
        ${`${id}:${step.at}`})`,
      );
      return;
    case 'cap':
      await sql`select set_credit_settings(null, ${id}, ${step.cents}, null)`;
      return;
    default: {
      const [row] =
        await sql`select sim.track(${id}, ${iso(step.at)}, ${step.type}, ${step.units}, ${step.key}) as answer`;
      return row;
    }
  }
}

async function bill({ story, subscription, sqls }: Played): Promise<Bill[]> {
  const last = story.steps.findLast((step) => step.what === 'period');
  const at = (last?.end ?? 0) + 1000;
  const [first] = sqls as [postgres.Sql];
  const starts =
    await first`select period_start, coalesce(period_end, ${iso(at)}) as period_end from credit_periods
    where subscription_id = ${subscription} order by period_start`;
  const bills: Bill[] = [];
  for (const { period_start, period_end } of starts) {
    const usages = (await byAll(sqls, at, async (one) =>
      JSON.stringify(
        (
          await one`select private.period_usage(${subscription}, ${period_start}, ${period_end}) as usage`
        )[0]?.usage,
      ),
    )) as string[];
    if (new Set(usages).size !== 1) found.wrong.push(`${subscription}: replicas were told different bills`);
    const usage = JSON.parse(usages[0] ?? 'null');
    bills.push({
      ...{ start: period_start.getTime(), assets: usage.assets.billed, used: usage.credits.used },
      ...{ overage: usage.credits.overage, subtotal: usage.subtotal_cents },
    });
  }
  return bills;
}

async function playStory(
  index: number,
  sqls: postgres.Sql[],
  people: { owner: string; operator: string },
): Promise<void> {
  const story = storyOf(index, events);
  const played: Played = { story, id: randomUUID(), subscription: `sub_${index}`, sqls };
  const { id } = played;
  const [sql] = sqls as [postgres.Sql];
  await sql`select sim.at(${iso(story.steps[0]?.at ?? 0)})`;
  await sql.begin(async (tx) => {
    await tx`insert into tenants (id, name, time_zone, stripe_customer_id) values (${id}, 'T', ${story.zone}, ${`cus_${index}`})`;
    await tx`insert into tenant_members (tenant_id, user_id, role) values (${id}, ${people.owner}, 'owner')`;
  });
  const expected = expectedOf(story);
  await sql`insert into asset_snapshots (tenant_id, asset_count, captured_at)
    select ${id}, * from unnest(${story.counts.map(({ assets }) => assets)}::int[], ${story.counts.map(({ at }) => iso(at))}::timestamptz[])`;
  for (const [at, step] of story.steps.entries()) {
    const row = await play(played, step, people.operator);
    const answer = expected.answers.get(at);
    if (answer === undefined) continue;
    found.answers++;
    const { status, answer: told } = row?.answer ?? {};
    differ(`${story.index} step ${at}`, answer, {
      status,
      burned: told?.credits_burned,
      remaining: told?.remaining_credits,
    });
  }
  const bills = await bill(played);
  found.bills += bills.length;
  differ(`${story.index} bills`, expected.bills, bills);
}

const { sql } = server;
await sql.unsafe(OWN_CLOCK);
// A partition for each month; what was replaced asks the session's clock already.
await sql`select sim.at('2024-01-01Z')`;
for (let month = 0; month < 15; month++)
  await sql`select private.make_usage_partition((date '2023-12-01' + make_interval(months => ${month}))::date)`;
await sql`update credit_rules set valid_from = '2020-01-01Z'`;
await sql.unsafe(`create schema if not exists bench`);
const [owner, operator] = [randomUUID(), randomUUID()];
for (const id of [owner, operator])
  await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
await sql`update users set role = 'operator' where id = ${operator}`;

const startedMs = performance.now();
let next = 0;
await Promise.all(
  replicas.map(async (sqls) => {
    for (let index = next++; index < tenants; index = next++) {
      await playStory(index, sqls, { owner, operator });
      if ((index + 1) % 100 === 0)
        console.log(
          `${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${index + 1} tenants`,
        );
    }
  }),
);
const seconds = (performance.now() - startedMs) / 1000;

/** All that the year left behind. */
const sumOf = async () =>
  (
    await sql`select (select md5(string_agg(l::text, ',' order by id)) from ledger l) as ledger, (select md5(string_agg(c::text, ','
      order by subscription_id, period_start)) from credit_periods c) as periods, (select count(*)::int from grants) as grants`
  )[0];
const before = await sumOf();
// Every job of the year once more, long after.
await sql.unsafe(`select set_config('sim.now', '2025-03-01Z', false)`);
await sql`select count(private.grant_credits(subscription_id, period_start, period_end, 'in_again')),
  count(private.period_usage(subscription_id, period_start, period_end)) from credit_periods`;
await sql`select sum(private.take_back_credits('in_' || n || '_' || m, 0.25)) from generate_series(0, ${tenants - 1}) n, generate_series(0, 11) m`;
const after = await sumOf();
const broken =
  await sql`select * from audit_invariants() where invariant <> 'I2' or detail not like 'first end%'`;

const results: Result[] = [
  {
    name: `answers of ${count(tenants)} tenants in a year`,
    value: count(found.answers),
    goal: { text: 'each as the independent calculation has it', met: found.wrong.length === 0 },
  },
  {
    name: 'periods billed',
    value: count(found.bills),
    goal: { text: 'to the cent', met: found.wrong.length === 0 },
  },
  {
    name: 'each job again',
    value: before?.periods === after?.periods ? 'nothing changed' : 'something changed',
    goal: { text: 'no period changed', met: before?.periods === after?.periods },
  },
  {
    name: 'the audit',
    value: `${broken.length} violations`,
    goal: { text: 'none', met: broken.length === 0 },
  },
  {
    name: 'seconds for the year',
    value: seconds.toFixed(0),
    details: `${LANES} lanes, each job by ${REPLICAS} replicas at once`,
  },
];
for (const line of found.wrong.slice(0, 20)) console.error(line);
for (const line of broken.slice(0, 10)) console.error(JSON.stringify(line));
console.log(`\n${tableOf(results)}\n`);
await end();
process.exit(results.every(({ goal }) => goal?.met !== false) ? 0 : 1);
