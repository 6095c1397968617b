import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { findProgram, isExecutable } from '../local/find-program.ts';

/**
 * What each client does again and again: picks random numbers, and sends statements that name them as `:name`.
 * A variable of `perClient` is drawn from numbers that no other client draws from.
 */
export type Work = {
  variables: Record<string, { from: number; to: number; perClient?: true }>;
  statements: readonly string[];
};
type Load = { work: Work; clients: number; seconds: number };

const DEBIAN = '/usr/lib/postgresql';

function findPgbench(): string | undefined {
  try {
    const versions = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
    const installed = versions.map((version) => join(DEBIAN, version, 'bin/pgbench')).find(isExecutable);
    return installed ?? findProgram(['pgbench']);
  } catch {
    return findProgram(['pgbench']);
  }
}

function toScript({ variables, statements }: Work, clients: number): string {
  const sets = Object.entries(variables).map(([name, { from, to, perClient }]) =>
    perClient
      ? `\\set ${name} random(${from}, ${to}) * ${clients} + :client_id`
      : `\\set ${name} random(${from}, ${to})`,
  );
  return [...sets, ...statements.map((statement) => `${statement};`)].join('\n');
}

async function runPgbench(pgbench: string, url: string, { work, clients, seconds }: Load): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-pgbench-'));
  try {
    const script = join(folder, 'script.sql');
    writeFileSync(script, toScript(work, clients));
    const args = ['--no-vacuum', '--protocol=prepared', `--client=${clients}`];
    args.push(`--jobs=${Math.min(2, clients)}`, `--time=${seconds}`, `--file=${script}`, url);
    const { stdout } = await promisify(execFile)(pgbench, args);
    const failed = Number(/failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0);
    if (failed > 0) throw new Error(`pgbench: ${failed} transactions failed`);
    return Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same with the npm driver, which uses several times pgbench's CPU, and so makes everything look slower. */
async function runDriver(url: string, { work, clients, seconds }: Load): Promise<number> {
  const names = Object.keys(work.variables);
  const until = performance.now() + seconds * 1000;
  const draw = (client: number) =>
    new Map(
      names.map((name) => {
        const { from = 0, to = 0, perClient } = work.variables[name] ?? {};
        const number = from + Math.floor(Math.random() * (to - from + 1));
        return [name, perClient ? number * clients + client : number];
      }),
    );
  const runClient = async (client: number) => {
    const sql = postgres(url, { max: 1, onnotice() {} });
    let done = 0;
    while (performance.now() < until) {
      const numbers = draw(client);
      for (const text of work.statements) {
        const used: number[] = [];
        // Not the casts, which have two colons.
        const prepared = text.replaceAll(/(?<!:):([a-z]\w*)/g, (_, name: string) => {
          used.push(numbers.get(name) ?? Number.NaN);
          return `$${used.length}::bigint`;
        });
        await sql.unsafe(prepared, used, { prepare: true });
      }
      done += 1;
    }
    await sql.end();
    return done;
  };
  const counts = await Promise.all(Array.from({ length: clients }, (_, client) => runClient(client)));
  return counts.reduce((sum, done) => sum + done, 0);
}

export type LoadTester = { client: string; run(load: Load): Promise<number> };

/** A closed-loop client: pgbench, or the npm driver without it. `run` answers how often the work was done. */
export function createLoadTester(url: string): LoadTester {
  const pgbench = findPgbench();
  if (pgbench !== undefined) return { client: pgbench, run: (load) => runPgbench(pgbench, url, load) };
  return { client: 'the npm driver postgres (no pgbench here)', run: (load) => runDriver(url, load) };
}
