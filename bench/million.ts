import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { findProject } from '../commands/basics/project.ts';
import { clientCpuSeconds, serverCpuSeconds } from './cpu-time.ts';
import { ENDLESS_SECONDS, loadPeople } from './load-people.ts';
import { plotLateness } from './plot-lateness.ts';
import { renewOnSchedule, type ScheduleOutcome } from './renew-on-schedule.ts';
import { expectSoundBooks } from './renewals.ts';
import { count, percentile, type Result } from './results.ts';
import { sampleWaits } from './sample-waits.ts';
import type { BenchServer } from './start-server.ts';

/** Half of the usual slice of 30 seconds, which is when a worker renews. */
const PERIOD_MS = 15_000;

export type Order = 'opened' | 'random';
type Options = { calls: number; seconds: number; batch: number; connections: number; order: Order };

type Look = {
  serverCpu: number;
  clientCpu: number;
  walBytes: number;
  fullPages: number;
  updates: number;
  hot: number;
  megabytes: number;
};

async function look({ sql, pid }: BenchServer): Promise<Look> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<Omit<Look, 'serverCpu' | 'clientCpu'>[]>`
    select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as "walBytes",
      (select wal_fpi::float8 from pg_stat_wal) as "fullPages",
      sum(n_tup_upd)::float8 as updates, sum(n_tup_hot_upd)::float8 as hot,
      (sum(pg_total_relation_size(relid)) / 1e6)::float8 as megabytes
    from pg_stat_user_tables where schemaname = 'public' and relname in ('holds', 'accounts')`;
  if (row === undefined) throw new Error('no statistics');
  return { ...row, serverCpu: serverCpuSeconds(pid), clientCpu: clientCpuSeconds() };
}

/** Calls are taken to have been opened at an even pace within the last ten minutes, as rows lie in that order. */
const OPENED_WITHIN_SECONDS = 600;

/**
 * Ids of all open calls, in the order in which they are due in each period. `opened`: each every 15 seconds from
 * when it was opened, so that neighbours in the table meet in a batch. `random`: no batch has two calls of a page.
 */
async function callsInOrder(sql: postgres.Sql, { calls, order }: Options): Promise<string[]> {
  const due =
    order === 'random'
      ? sql`hashtextextended(id::text, 15)`
      : sql`nr * ${OPENED_WITHIN_SECONDS}::numeric / ${calls}::numeric % ${PERIOD_MS / 1000}::numeric`;
  const rows = await sql<{ id: string }[]>`
    select id::text from (
      select id, (row_number() over (order by ctid))::numeric as nr from public.holds) h
    order by ${due}`;
  return rows.map(({ id }) => id);
}

/** What must be true of the totals afterwards, whatever was late. @throws when it is not */
async function checkTotals(sql: postgres.Sql, options: Options, outcome: ScheduleOutcome): Promise<void> {
  const [totals] = await sql<{ renewals: number; wrong: number }[]>`
    select sum(renewals - 1)::float8 as renewals, (count(*) filter (
        where amount * 1000 - used_ms <> 30000 or used_ms <> (renewals - 1) * ${PERIOD_MS}))::int as wrong
    from public.holds`;
  const due = Math.ceil((options.seconds * 1000) / PERIOD_MS) * options.calls;
  const problems = [
    totals?.renewals !== outcome.renewed && 'renewals in the books are not the renewals answered',
    outcome.renewed !== due && `${outcome.renewed} of ${due} renewals`,
    totals?.wrong !== 0 && `${totals?.wrong} calls are not where they should be`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw new Error(`${problems.join('; ')}: ${JSON.stringify(outcome.refused)}`);
}

function keepPlot(outcome: ScheduleOutcome, options: Options): string {
  const folder = join(findProject(process.env).home, 'bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-lateness.svg`);
  const title = `${count(options.calls)} open calls, each renewed every ${PERIOD_MS / 1000} s in batches of ${options.batch}`;
  writeFileSync(file, plotLateness(outcome.lateness.worstOfSeconds(), title));
  return file;
}

function toResults(options: Options, outcome: ScheduleOutcome, before: Look, after: Look): Result[] {
  const seconds = outcome.elapsedMs / 1000;
  const needed = (options.calls / PERIOD_MS) * 1000;
  const reached = outcome.renewed / seconds;
  const { lateness, batchMs, renewed } = outcome;
  const perRenewal = (used: number) => `${((used / renewed) * 1e6).toFixed(1)} us each`;
  const cpu = (used: number) => `${(used / seconds).toFixed(2)} cores (${perRenewal(used)})`;
  const wal = after.walBytes - before.walBytes;
  const pages = after.fullPages - before.fullPages;
  return [
    {
      name: `${count(options.calls)} open calls, due in ${options.order} order`,
      value: `${count(reached)} renewals/s of ${count(needed)}/s due`,
      goal: { text: 'all that are due', met: reached >= needed * 0.995 && renewed === lateness.count },
      details: `${count(renewed)} renewals in ${seconds.toFixed(1)} s; refused or failed: ${JSON.stringify(outcome.refused)}`,
    },
    {
      name: 'lateness, from due to answered',
      value: `p50 ${lateness.percentileMs(0.5).toFixed(1)} ms, p99 ${lateness.percentileMs(0.99).toFixed(1)} ms, max ${lateness.maxMs.toFixed(0)} ms`,
      // The grant that is being renewed ends half a slice after the renewal was due.
      goal: { text: `max under ${PERIOD_MS / 1000} s`, met: lateness.maxMs < PERIOD_MS },
      details: `a batch took p50 ${percentile(batchMs, 0.5).toFixed(1)} ms, p99 ${percentile(batchMs, 0.99).toFixed(1)} ms; ${options.connections} connections`,
    },
    {
      name: 'CPU',
      value: `server ${cpu(after.serverCpu - before.serverCpu)}`,
      details: `client ${cpu(after.clientCpu - before.clientCpu)}`,
    },
    {
      name: 'write-ahead log',
      value: `${(wal / seconds / 1e6).toFixed(1)} MB/s`,
      details: `${count(wal / renewed)} B a renewal, of it ${count((pages * 8192) / renewed)} B or less in ${count(pages)} full pages after a checkpoint`,
    },
    {
      name: 'tables',
      value: `HOT ${(((after.hot - before.hot) / (after.updates - before.updates)) * 100).toFixed(2)} % of ${count(after.updates - before.updates)} updates`,
      details: `holds and accounts with indexes ${count(before.megabytes)} MB before, ${count(after.megabytes)} MB after`,
    },
  ];
}

/** Many open calls, each renewed every 15 seconds by the clock, and the books looked at afterwards. */
export async function measureMillion(
  server: BenchServer,
  options: Options,
  progress: (text: string) => void,
): Promise<Result[]> {
  await loadPeople(
    server.sql,
    { first: 1, people: options.calls, callsEach: 1, cardSeconds: ENDLESS_SECONDS },
    progress,
  );
  const callIds = await callsInOrder(server.sql, options);
  // The first period then writes every page in full, as after every checkpoint: the dearest time to renew in.
  await server.sql`checkpoint`;
  progress(`renewing ${count(options.calls)} calls for ${options.seconds} s`);
  const before = await look(server);
  const { seconds, batch, connections } = options;
  const schedule = { callIds, batch, connections, seconds, periodMs: PERIOD_MS };
  const stopSampling = sampleWaits(server.sql);
  const outcome = await renewOnSchedule(server.url, schedule, progress);
  const waits = await stopSampling();
  const after = await look(server);
  progress(`the plot is in ${keepPlot(outcome, options)}`);
  progress('checking the totals and all invariants');
  await checkTotals(server.sql, options, outcome);
  await expectSoundBooks(server.sql);
  return [
    ...toResults(options, outcome, before, after),
    { name: 'where batches spend their time', value: waits },
  ];
}
