import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { count, describeMachine, median, percentile, type Result, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';

const GOAL_MS = 100;
const GOAL_RATIO = 500;
const DAYS = 365;
/** Rows in one transaction, as a roll-up takes them. */
const PART = 100_000;
const AGENTS = 200;
const TASKS_A_DAY = 20_000;

type Question = { name: string; ask: string; raw?: string };

/** What the board asks, and the same of the rows: the first design's own questions, with sums where it added up in the browser. */
const QUESTIONS: Question[] = [
  { name: 'the five figures', ask: `select revenue_stats('America/New_York')` },
  {
    name: "today's revenue",
    ask: `select sum(amount_micros) from private.revenue_between(date_trunc('day', now(), 'America/New_York'), 'infinity')`,
    raw: `select sum(amount) from autonomous_revenue where created_at >= date_trunc('day', now(), 'America/New_York') and status = 'collected'`,
  },
  {
    name: 'a year by day and source',
    ask: `select revenue_over_time(current_date - 364, current_date + 1, 'day')`,
    raw: `select date_trunc('day', created_at, 'utc'), revenue_source, sum(amount) from autonomous_revenue
      where created_at >= current_date - 364 and status = 'collected' group by 1, 2`,
  },
  {
    name: 'a year by day of another zone',
    ask: `select revenue_over_time(current_date - 364, current_date + 1, 'day', 'America/New_York')`,
    raw: `select date_trunc('day', created_at, 'America/New_York'), revenue_source, sum(amount) from autonomous_revenue
      where created_at >= current_date - 364 and status = 'collected' group by 1, 2`,
  },
  {
    name: 'a month by hour',
    ask: `select revenue_over_time(current_date - 30, current_date + 1, 'hour')`,
    raw: `select date_trunc('hour', created_at, 'utc'), revenue_source, sum(amount) from autonomous_revenue
      where created_at >= current_date - 30 and status = 'collected' group by 1, 2`,
  },
  {
    name: 'all there ever was',
    ask: `select sum(amount_micros) from private.revenue_between('-infinity', 'infinity', 'day')`,
    raw: `select sum(amount) from autonomous_revenue where status = 'collected'`,
  },
  {
    name: 'agents, with what each earned',
    ask: 'select agent_cards(200)',
    raw: `select agent_id, sum(amount) from autonomous_revenue where status = 'collected' group by 1`,
  },
  { name: 'tasks', ask: 'select list_tasks(50)' },
  { name: 'opportunities', ask: 'select list_opportunities(50)' },
];

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    unrolled: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '30' },
  },
});
const [rows, unrolled, runs] = [Number(values.rows), Number(values.unrolled), Number(values.runs)];
const startedAt = performance.now();
const progress = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const earn = (from: number, upto: number) => `
  insert into autonomous_revenue (agent_id, amount_micros, platform_fee_micros, seller_share_micros, revenue_source, status, key, created_at)
  select md5('agent ' || n % ${AGENTS})::uuid, 1000 + n % 7000, (1000 + n % 7000) / 20, 1000 + n % 7000 - (1000 + n % 7000) / 20,
    (array['api_calls', 'payment_fees', 'task_completion'])[1 + n % 3], case when n % 50 = 0 then 'failed' else 'collected' end, 'bench:' || n,
    now() - interval '${DAYS} days' * (1 - n::float8 / ${rows + unrolled})
  from generate_series(${from}, ${upto - 1}) n`;

async function load(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    insert into autonomous_agents (id, agent_name, agent_type, status, daily_budget)
      select md5('agent ' || n)::uuid, 'Agent ' || n, 'api_consumer', case when n % 3 = 0 then 'active' else 'idle' end, 100 from generate_series(0, ${AGENTS - 1}) n;
    insert into brain_tasks (assigned_agent, task_type, status, reserved_micros, budget_day, created_at, ended_at)
      select md5('agent ' || n % ${AGENTS})::uuid, 'api_call', case when n % 20 = 0 then 'failed' else 'completed' end, 0, current_date,
        now() - interval '2 days' * (n::float8 / ${2 * TASKS_A_DAY}), now() from generate_series(0, ${2 * TASKS_A_DAY - 1}) n;
    insert into market_opportunities (title) select 'Chance ' || n from generate_series(1, 10000) n;
    insert into pending_payments (amount_micros) select 1000 from generate_series(1, 1000)`);
  for (let from = 0; from < rows; from += PART) {
    await sql.begin(async (own) => {
      // The trigger that adds up for each agent would write each agent's row a million times over; its result is written below.
      await own`set local session_replication_role = replica`;
      await own.unsafe(earn(from, Math.min(rows, from + PART)));
    });
    if (from % (10 * PART) === 0) progress(`${count(from)} rows`);
  }
  await sql`update autonomous_agents a set total_revenue_micros = r.micros from (select agent_id, sum(amount_micros) as micros
    from autonomous_revenue where status = 'collected' group by 1) r where r.agent_id = a.id`;
  await sql`vacuum (analyze) autonomous_revenue, brain_tasks, market_opportunities, pending_payments, autonomous_agents`;
  for (let status = 'more'; status === 'more'; ) {
    const [row] = await sql`select roll_up_revenue(${PART}) ->> 'status' as status`;
    status = row?.status;
  }
  progress('rolled up');
  await sql.unsafe(earn(rows, rows + unrolled));
}

async function timed(sql: postgres.ISql, statement: string): Promise<number> {
  const startedMs = performance.now();
  await sql.unsafe(statement);
  return performance.now() - startedMs;
}

async function measure(sql: postgres.ISql, { name, ask, raw }: Question): Promise<Result[]> {
  await timed(sql, ask);
  const took: number[] = [];
  for (let run = 0; run < runs; run++) took.push(await timed(sql, ask));
  const p95 = percentile(took, 0.95);
  const result: Result = {
    name,
    value: `p95 ${p95.toFixed(1)} ms`,
    goal: { text: `< ${GOAL_MS} ms`, met: p95 < GOAL_MS },
    details: `median ${median(took).toFixed(1)} ms of ${runs}`,
  };
  if (raw === undefined) return [result];
  const rawMs = await timed(sql, raw);
  const ratio = rawMs / median(took);
  return [
    result,
    {
      name: '  the same of the rows',
      value: `${rawMs.toFixed(0)} ms`,
      ratio: {
        median: ratio,
        range: [rawMs / Math.max(...took), rawMs / Math.min(...took)],
        to: 'the board',
      },
      goal: { text: `>= ${GOAL_RATIO}x`, met: ratio >= GOAL_RATIO },
    },
  ];
}

/** What is shown is what the rows come to. */
async function isExact(sql: postgres.ISql): Promise<boolean> {
  const [row] =
    await sql`select (select sum(amount_micros) from private.revenue_between('-infinity', 'infinity')) =
    (select sum(amount_micros) from autonomous_revenue where status = 'collected') as same`;
  return row?.same === true;
}

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]().finally(() => process.exit(130)));
}
try {
  await load(server.sql);
  progress(`${count(rows)} rows of revenue, ${count(unrolled)} of them not rolled up`);
  const one = await server.sql.reserve();
  const results: Result[] = [];
  for (const question of QUESTIONS) results.push(...(await measure(one, question)));
  const exact = await isExact(one);
  one.release();
  console.log(`\n${tableOf(results)}\n\nSums and rows ${exact ? 'agree to the unit' : 'DIFFER'}.`);
  if (!exact) process.exitCode = 1;
} finally {
  // All that was made is deleted with the server.
  await server[Symbol.asyncDispose]();
}
process.exit();
