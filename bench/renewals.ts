import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { clientCpuSeconds, serverCpuSeconds } from './cpu-time.ts';
import { ENDLESS_SECONDS, loadPeople } from './load-people.ts';
import { createLoadTester, type LoadTester } from './load-test.ts';
import { ALL_USED_MS, HOT_PEOPLE, MEASURES, type Measure, PEOPLE } from './renewal-measures.ts';
import { count, median, type Result, range } from './results.ts';
import type { BenchServer } from './start-server.ts';

/** @param load how people come into these books, whose tables may be another checkout's */
export async function prepareRenewals(sql: postgres.Sql, load: typeof loadPeople): Promise<void> {
  await load(sql, { first: 1, people: PEOPLE, callsEach: 1, cardSeconds: ENDLESS_SECONDS });
  for (const { person, calls } of HOT_PEOPLE) {
    await load(sql, { first: person, people: 1, callsEach: calls, cardSeconds: ENDLESS_SECONDS });
  }
  await sql.unsafe(`
    create table bench.one (id bigint primary key, v bigint not null) with (fillfactor = 70);
    insert into bench.one select n, 0 from generate_series(1, ${PEOPLE}) n;
    create table bench.batches as
      select size, (n - 1) / size as nr, array_agg(bench.call(n) order by n) as ids, array_agg(1) as epochs,
        array_agg(${ALL_USED_MS}) as used, array_agg(0::bigint) as restored
      from unnest(array[50, 500]) size, generate_series(1, ${PEOPLE}) n group by 1, 2;
    create index on bench.batches (size, nr)`);
  for (const table of ['bench.one', 'bench.batches']) await sql.unsafe(`vacuum (analyze) ${table}`);
}

export type Sample = { perSecond: number; serverUs: number; clientUs: number; walBytes: number };

export async function takeSample(
  server: BenchServer,
  tester: LoadTester,
  { work, clients, renewals }: Measure,
  seconds: number,
): Promise<Sample> {
  const look = async () => {
    const [row] = await server.sql<
      { wal: string }[]
    >`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal`;
    return { wal: Number(row?.wal), server: serverCpuSeconds(server.pid), client: clientCpuSeconds() };
  };
  const before = await look();
  const done = (await tester.run({ work, clients, seconds })) * renewals;
  // The postmaster learns of its ended backends, and of their CPU time, a moment later.
  await sleep(200);
  const after = await look();
  return {
    perSecond: done / seconds,
    serverUs: ((after.server - before.server) / done) * 1e6,
    clientUs: ((after.client - before.client) / done) * 1e6,
    walBytes: (after.wal - before.wal) / done,
  };
}

function toResult(measure: Measure, samples: ReadonlyMap<string, Sample[]>): Result {
  const mine = samples.get(measure.name) ?? [];
  const of = (key: keyof Sample) => median(mine.map((sample) => sample[key]));
  const [low, high] = range(mine.map(({ perSecond }) => perSecond));
  const base = measure.against === undefined ? undefined : samples.get(measure.against);
  // Of the same round: what disturbs the machine disturbs both.
  const ratios = base?.map(({ perSecond }, round) => (mine[round]?.perSecond ?? Number.NaN) / perSecond);
  return {
    name: measure.name,
    value: `${count(of('perSecond'))}/s [${count(low)} to ${count(high)}]`,
    ...(ratios && {
      ratio: { median: median(ratios), range: range(ratios), to: measure.against ?? '' },
    }),
    ...(ratios &&
      measure.goal !== undefined && {
        goal: { text: `at least ${measure.goal}x`, met: median(ratios) >= measure.goal },
      }),
    details: `CPU ${of('serverUs').toFixed(1)} us server, ${of('clientUs').toFixed(1)} us client; WAL ${count(of('walBytes'))} B; ${measure.clients} clients`,
  };
}

/** Renewals against the plainest thing a database does, in rounds one after the other. */
export async function measureRenewals(
  server: BenchServer,
  options: { rounds: number; seconds: number },
  progress: (text: string) => void,
): Promise<Result[]> {
  await prepareRenewals(server.sql, loadPeople);
  const tester = createLoadTester(server.url);
  progress(`load comes from ${tester.client}`);
  const samples = new Map<string, Sample[]>(MEASURES.map(({ name }) => [name, []]));
  for (const measure of MEASURES) await takeSample(server, tester, measure, 1);
  for (let round = 1; round <= options.rounds; round++) {
    for (const measure of MEASURES) {
      const sample = await takeSample(server, tester, measure, options.seconds);
      samples.get(measure.name)?.push(sample);
    }
    const last = MEASURES.map(({ name }) => count(samples.get(name)?.at(-1)?.perSecond ?? 0));
    progress(`round ${round} of ${options.rounds}: ${last.join(', ')} per second`);
  }
  await expectSoundBooks(server.sql);
  return MEASURES.map((measure) => toResult(measure, samples));
}

/** @throws when the audit finds anything: a figure from broken books is none */
export async function expectSoundBooks(sql: postgres.Sql): Promise<void> {
  const violations = await sql`select * from public.audit_invariants() limit 5`;
  if (violations.length > 0) throw new Error(`The books are broken: ${JSON.stringify(violations)}`);
}
