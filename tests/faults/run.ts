import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProject } from '../../commands/basics/project.ts';
import type { Row } from './define-row.ts';
import { progress, table } from './report.ts';
import { ROWS } from './rows/all-rows.ts';
import { holds, type RowReport, runRow } from './run-row.ts';
import { startWorld, type World } from './world.ts';

const HELP = `The fault matrix (docs/faults.md).
  --seed <n>     repeat a run
  --row <names>  only these rows, by number or name, with commas
  --cases <n>    so many per row, instead of the row's own number
  --only <n>     only the case of this number, and no controls
  --short        as few cases as in CI
Rows: ${ROWS.map(({ number, name }) => `${number} ${name}`).join(', ')}`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    row: { type: 'string' },
    cases: { type: 'string' },
    only: { type: 'string' },
    short: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

/** Rows at once: most of them wait most of the time. */
const TRACKS = 2;
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const only = values.only === undefined ? undefined : Number(values.only);
const wanted = values.row?.split(',');
const casesOf = (row: Row) => Number(values.cases ?? (values.short ? row.cases.short : row.cases.long));
const rows = ROWS.filter(
  ({ name, number }) => wanted === undefined || wanted.includes(name) || wanted.includes(String(number)),
).filter((row) => casesOf(row) > 0);
const say = (line: string) => console.log(`${new Date().toTimeString().slice(0, 8)} ${line}`);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('ending with the cases under way; again to end at once');
    interrupted.abort();
    process.once(signal, () => process.exit(130));
  });
}

const reports = new Map<Row, RowReport>();
const queue = rows.values();
async function work(world: World): Promise<void> {
  for (const row of queue) {
    if (interrupted.signal.aborted) return;
    say(`${row.number} ${row.title} ...`);
    const choice = { seed, cases: casesOf(row), only, signal: interrupted.signal };
    const report = await runRow(row, world, choice, only === undefined ? undefined : 0);
    reports.set(row, report);
    progress(report).forEach(say);
  }
}

console.log(`seed ${seed}`);
const startedMs = performance.now();
const world = await startWorld();
try {
  await Promise.all(Array.from({ length: TRACKS }, () => work(world)));
} finally {
  await world.close();
}

const inOrder = rows.flatMap((row) => reports.get(row) ?? []);
const folder = join(findProject(process.env).home, 'faults');
mkdirSync(folder, { recursive: true, mode: 0o700 });
const file = join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
writeFileSync(file, JSON.stringify({ seed, rows: inOrder }, null, 2));
const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
console.log(`\n${table(inOrder).join('\n')}\n\nseed ${seed}, ${minutes} min, ${file}`);
// Whatever still holds the process open must not keep CI waiting.
process.exit(inOrder.every(holds) && !interrupted.signal.aborted ? 0 : 1);
