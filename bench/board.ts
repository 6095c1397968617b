import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { QUESTIONS, type Question } from './board-questions.ts';
import { serverCpuSeconds } from './cpu-time.ts';
import { loadBoard } from './load-board.ts';
import type { BoardLoad } from './load-board-sums.ts';
import { count, describeMachine, median, percentile, type Result, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';

const GOAL_MS = 100;
const GOAL_RATIO = 500;

/** The same of the rows is asked once, as it takes minutes. */
const RAW_MS = new Map<string, number>();

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
  const rawMs = RAW_MS.get(raw) ?? (await timed(sql, raw));
  RAW_MS.set(raw, rawMs);
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
