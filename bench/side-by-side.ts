import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createLoadTester, type LoadTester } from './load-test.ts';
import { MEASURES, type Measure } from './renewal-measures.ts';
import { expectSoundBooks, prepareRenewals, type Sample, takeSample } from './renewals.ts';
import { count, describeMachine, median, range } from './results.ts';
import type { BenchServer } from './start-server.ts';

const USAGE = `npm run bench:beside -- [options] <another checkout>...
  Renewals of this checkout and of others, each on a PostgreSQL of its own, by turns in one run.
  --rounds 5, --seconds 4 for each measurement in one, --only renew_call (names that begin so)`;

type Tree = { folder: string; server: BenchServer; tester: LoadTester; samples: Map<string, Sample[]> };

/** Another checkout brings its own schema, and its own way to fill it; what is measured is said here. */
async function startTree(folder: string): Promise<Tree> {
  const load = (file: string) => import(pathToFileURL(join(folder, 'bench', file)).href);
  const { startBenchServer }: typeof import('./start-server.ts') = await load('start-server.ts');
  const { loadPeople }: typeof import('./load-people.ts') = await load('load-people.ts');
  const here = process.cwd();
  // Its migrations are looked for from there.
  process.chdir(folder);
  const server = await startBenchServer().finally(() => process.chdir(here));
  await prepareRenewals(server.sql, loadPeople);
  return { folder, server, tester: createLoadTester(server.url), samples: new Map() };
}

async function measureRound(trees: readonly Tree[], measures: readonly Measure[], seconds: number) {
  for (const measure of measures) {
    for (const { server, tester, samples } of trees) {
      const sample = await takeSample(server, tester, measure, seconds);
      samples.set(measure.name, [...(samples.get(measure.name) ?? []), sample]);
    }
  }
}

const valuesOf = ({ samples }: Tree, name: string, key: keyof Sample) =>
  (samples.get(name) ?? []).map((sample) => sample[key]);

/** Of the same round: what disturbs the machine disturbs both. */
function ratioText(here: Tree, other: Tree, name: string, key: keyof Sample): string {
  const others = valuesOf(other, name, key);
  const ratios = valuesOf(here, name, key).map((value, round) => value / (others[round] ?? Number.NaN));
  const [low, high] = range(ratios);
  return `${median(ratios).toFixed(2)} [${low.toFixed(2)} to ${high.toFixed(2)}]`;
}

function describe(tree: Tree, measure: Measure): string {
  const of = (key: keyof Sample, name = measure.name) => median(valuesOf(tree, name, key));
  const against =
    measure.against === undefined
      ? ''
      : `${(of('perSecond') / of('perSecond', measure.against)).toFixed(2)}x ${measure.against}`;
  const figures = `${count(of('perSecond'))}/s, CPU ${of('serverUs').toFixed(1)} us, WAL ${count(of('walBytes'))} B`;
  return `  ${figures.padEnd(44)} ${against.padEnd(30)}`;
}

async function hotShare({ sql }: BenchServer): Promise<string> {
  const [row] = await sql<{ share: number }[]>`
    select (100.0 * sum(n_tup_hot_upd) / sum(n_tup_upd))::float8 as share
    from pg_stat_user_tables where schemaname = 'public'`;
  return `HOT ${row?.share.toFixed(2)} % of all updates`;
}

function report([here, ...others]: readonly Tree[], measures: readonly Measure[]): void {
  if (here === undefined) return;
  for (const measure of measures) {
    console.log(`\n${measure.name} (${measure.clients} clients)`);
    console.log(`${describe(here, measure)} here`);
    for (const other of others) {
      const ratio = (key: keyof Sample) => ratioText(here, other, measure.name, key);
      console.log(`${describe(other, measure)} ${other.folder}`);
      console.log(
        `  here / there: ${ratio('perSecond')}; CPU ${ratio('serverUs')}; WAL ${ratio('walBytes')}`,
      );
    }
  }
}

async function main(folders: string[], rounds: number, seconds: number, only: string): Promise<void> {
  const begins = (name: string) => MEASURES.some((one) => one.against === name && one.name.startsWith(only));
  const measures = MEASURES.filter(({ name }) => name.startsWith(only) || begins(name));
  const trees: Tree[] = [];
  const endAll = () => Promise.all(trees.map(({ server }) => server[Symbol.asyncDispose]()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void endAll().finally(() => process.exit(130)));
  }
  console.log(JSON.stringify(describeMachine()));
  try {
    for (const folder of [process.cwd(), ...folders]) trees.push(await startTree(resolve(folder)));
    await measureRound(trees, measures, 1);
    for (const { samples } of trees) samples.clear();
    for (let round = 0; round < rounds; round++) {
      // By turns also who goes first.
      const first = round % trees.length;
      await measureRound([...trees.slice(first), ...trees.slice(0, first)], measures, seconds);
      console.log(`round ${round + 1} of ${rounds}; load ${describeMachine().load_before.join(', ')}`);
    }
    report(trees, measures);
    for (const { folder, server } of trees) {
      await expectSoundBooks(server.sql);
      console.log(`${await hotShare(server)}; the books are sound: ${folder}`);
    }
  } finally {
    await endAll();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
if (values.help || positionals.length === 0) console.log(USAGE);
else await main(positionals, Number(values.rounds), Number(values.seconds), values.only);
