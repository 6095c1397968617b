import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { serverCpuSeconds } from './cpu-time.ts';
import { type BoardLoad, loadBoard } from './load-board.ts';
import { count, describeMachine, median, percentile, type Result, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';

const GOAL_MS = 100;
const GOAL_RATIO = 500;

/** A question of the board, and the same one asked of the rows. */
type Question = { name: string; ask: (run: number) => string; raw?: string };

const year = `date_trunc('day', now() - interval '364 days'), date_trunc('hour', now()) + interval '1 hour'`;
const since = `date_trunc('day', now() - interval '364 days', 'UTC')`;
const quarter = (run: number) =>
  `date_trunc('day', now()) - interval '${90 + (run % 7) * 30} days', date_trunc('day', now()) - interval '${(run % 7) * 30} days'`;
const day = (column: string) => `(${column} at time zone 'utc')::date`;

const QUESTIONS: Question[] = [
  {
    name: 'money, a year by day',
    ask: () => `select board_money(${year}, 'day', 'UTC', 'booked')`,
    raw: `select ${day('created_at')}, currency, package_id, count(*), sum(received_cents), sum(refunded_cents), sum(lost_cents)
      from purchases where status = 'succeeded' and created_at >= ${since} group by 1, 2, 3`,
  },
  {
    name: 'money, a quarter by day of Berlin',
    ask: (run) => `select board_money(${quarter(run)}, 'day', 'Europe/Berlin', 'happened')`,
  },
  {
    name: 'time and margin, a year by day',
    ask: () => `select board_time(${year}, 'day', 'UTC')`,
    raw: `with t as (select ${day('l.created_at')} as d, l.reason, g.source, sum(l.amount) as s from ledger l left join grants g on g.id = l.grant_id
        where l.created_at >= ${since} group by 1, 2, 3),
      e as (select ${day('c.opened_at')} as d, p.currency, sum(-l.amount * private.earned_micros_per_second(p)) as m
        from ledger l join calls c on c.id = l.call_id join grants g on g.id = l.grant_id join purchases p on p.id = coalesce(g.part_of, g.id)
        where l.reason = 'use' and c.opened_at >= ${since} group by 1, 2),
      o as (select g.source, sum(l.amount) from ledger l left join grants g on g.id = l.grant_id group by 1),
      c as (select ${day('opened_at')} as d, count(*), sum(charged_seconds), sum(provider_cost_micros) from calls
        where status = 'settled' and opened_at >= ${since} group by 1)
      select (select count(*) from t), (select count(*) from e), (select count(*) from o), (select count(*) from c)`,
  },
  {
    name: 'time and margin, a quarter by day of Berlin',
    ask: (run) => `select board_time(${quarter(run)}, 'day', 'Europe/Berlin')`,
  },
  {
    name: 'people, a year by day',
    ask: () => `select board_people(${year}, 'day', 'UTC')`,
    raw: `with d as (select distinct user_id, ${day('opened_at')} as d from calls where status = 'settled' and opened_at >= ${since}),
      a as (select d, count(*) from d group by 1), n as (select ${day('created_at')}, count(*) from users where created_at >= ${since} group by 1),
      f as (select user_id, min(opened_at) as first_at from calls where status = 'settled' group by 1)
      select (select count(*) from a), (select count(*) from n), (select count(distinct user_id) from d),
        (select count(*) from f where first_at < ${since})`,
  },
  {
    name: 'retention of 12 months',
    ask: () => 'select board_retention(12)',
    raw: `select date_trunc('month', u.created_at), date_trunc('month', c.opened_at), count(distinct c.user_id)
      from calls c join users u on u.id = c.user_id where c.status = 'settled' group by 1, 2`,
  },
  {
    name: 'voice, a year by day',
    ask: () => `select board_voice(${year}, 'day', 'UTC')`,
    raw: `with t as (select ${day('c.opened_at')} as d, (t.turn ->> 4)::int as whole from calls c
        cross join lateral jsonb_array_elements(c.measures -> 'latest_turns') t (turn) where c.status = 'settled' and c.opened_at >= ${since}),
      p as (select d, percentile_disc(array[0.5, 0.95, 0.99]) within group (order by whole) from t group by d),
      s as (select ${day('opened_at')} as d, measures ->> 'version', count(*), sum(turns), sum(interruptions), sum(errors), avg(quality)
        from calls where status = 'settled' and opened_at >= ${since} group by 1, 2)
      select (select count(*) from p), (select count(*) from s)`,
  },
  {
    name: 'voice, a quarter by day of Berlin',
    ask: (run) => `select board_voice(${quarter(run)}, 'day', 'Europe/Berlin')`,
  },
  {
    name: 'voice, a week by hour',
    ask: () => `select board_voice(now() - interval '7 days', now(), 'hour', 'UTC')`,
  },
  {
    name: 'the slowest calls of a day',
    ask: (run) =>
      `select board_calls(date_trunc('day', now()) - interval '${run + 2} days', date_trunc('day', now()) - interval '${run + 1} days', 'slow')`,
  },
  { name: 'now', ask: () => 'select board_now()' },
  { name: 'people by the beginning of an address', ask: (run) => `select find_people('person${run * 97}')` },
  { name: 'people by a payment', ask: (run) => `select find_people('pi_${run * 97 + 1}')` },
  { name: 'all about a person', ask: (run) => `select board_person(bench.id('a', ${run * 97 + 1}))` },
  { name: 'disputes', ask: () => `select board_disputes(null, 100)` },
  { name: 'what operators did', ask: () => 'select list_operator_acts(null, 100)' },
];

async function timed(sql: postgres.Sql, statement: string): Promise<number> {
  const startedMs = performance.now();
  await sql.unsafe(statement);
  return performance.now() - startedMs;
}

async function measure(
  sql: postgres.Sql,
  pid: number,
  { name, ask, raw }: Question,
  runs: number,
): Promise<Result[]> {
  await timed(sql, ask(0));
  const took: number[] = [];
  const cpu = serverCpuSeconds(pid);
  for (let run = 0; run < runs; run++) took.push(await timed(sql, ask(run)));
  const cpuMs = ((serverCpuSeconds(pid) - cpu) * 1000) / runs;
  const p95 = percentile(took, 0.95);
  const result: Result = {
    name,
    value: `p95 ${p95.toFixed(1)} ms`,
    goal: { text: `< ${GOAL_MS} ms`, met: p95 < GOAL_MS },
    details: `median ${median(took).toFixed(1)} ms of ${runs}, ${cpuMs.toFixed(1)} ms of CPU`,
  };
  if (raw === undefined) return [result];
  const rawMs = await timed(sql, raw);
  const ratio = rawMs / median(took);
  return [
    result,
    {
      name: '  the same of the rows',
      value: `${(rawMs / 1000).toFixed(1)} s`,
      ratio: {
        median: ratio,
        range: [rawMs / Math.max(...took), rawMs / Math.min(...took)],
        to: 'the board',
      },
      goal: { text: `>= ${GOAL_RATIO}x`, met: ratio >= GOAL_RATIO },
    },
  ];
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000000' },
    payments: { type: 'string', default: '1000000' },
    unrolled: { type: 'string', default: '200' },
    runs: { type: 'string', default: '30' },
  },
});
const startedAt = performance.now();
const progress = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]().finally(() => process.exit(130)));
}
try {
  const load: BoardLoad = {
    calls: Number(values.calls),
    payments: Number(values.payments),
    unrolled: Number(values.unrolled),
  };
  await loadBoard(server.sql, load, progress);
  const [size] = await server.sql<
    { bytes: number }[]
  >`select pg_database_size(current_database())::float8 as bytes`;
  progress(
    `${count(load.calls)} calls, ${count(load.payments)} payments, ${((size?.bytes ?? 0) / 1e9).toFixed(1)} GB`,
  );
  const results: Result[] = [];
  const one = await server.sql.reserve();
  for (const question of QUESTIONS) {
    results.push(
      ...(await measure(one as unknown as postgres.Sql, server.pid, question, Number(values.runs))),
    );
    progress(question.name);
  }
  const checked = await timed(
    one as unknown as postgres.Sql,
    `select check_figures((now() - interval '40 days')::date)`,
  );
  results.push({ name: 'a day built anew and compared', value: `${(checked / 1000).toFixed(1)} s` });
  one.release();
  console.log(`\n${tableOf(results)}\n`);
} finally {
  // All that was made is deleted with the server.
  await server[Symbol.asyncDispose]();
}
process.exit();
