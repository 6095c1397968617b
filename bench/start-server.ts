import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startGateway } from '../local/database/gateway.ts';
import { type PostgresServer, startPostgres } from '../local/database/postgres-server.ts';
import { freePort } from '../local/free-port.ts';

const SECRET = 'a secret of the benchmark, 32 letters or more';
export const KEYS = {
  publishableKey: 'sb_publishable_of_the_benchmark',
  secretKey: 'sb_secret_of_the_benchmark',
  jwtSecret: SECRET,
};

export type BenchServer = {
  url: string;
  pid: number;
  sql: postgres.Sql;
  /** What differs from PostgreSQL's defaults, and what durability rests on. */
  settings: Record<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What anybody would set on a server of this size. Nothing here trades a committed renewal for speed. */
function tuning(): Record<string, string> {
  const quarterMegabytes = Math.floor(totalmem() / 4 / 1_048_576);
  return {
    shared_buffers: `${Math.min(8192, quarterMegabytes)}MB`,
    max_wal_size: '16GB',
    min_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_buffers: '64MB',
    random_page_cost: '1.1',
    jit: 'off',
    track_io_timing: 'off',
  };
}

const DURABILITY = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'server_version'];

async function readSettings(sql: postgres.Sql, names: string[]): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; value: string }[]>`
    select name, current_setting(name) as value from pg_settings where name in ${sql(names)} order by name`;
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

async function startTuned(dataDir: string): Promise<PostgresServer> {
  const port = await freePort();
  const untuned = await startPostgres({ dataDir, port });
  const sql = postgres(untuned.url, { max: 1, onnotice() {} });
  try {
    for (const [name, value] of Object.entries(tuning())) {
      await sql.unsafe(`alter system set ${name} = '${value}'`);
    }
  } finally {
    await sql.end();
    await untuned.stop();
  }
  return startPostgres({ dataDir, port });
}

/** The project's own PostgreSQL in a temporary folder, tuned, migrated, durable. */
export async function startBenchServer(): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let server: PostgresServer | undefined;
  try {
    server = await startTuned(join(folder, 'postgres'));
    const gatewayPort = await freePort();
    const options = { databaseUrl: server.url, port: gatewayPort, keys: KEYS };
    await (await startGateway({ ...options, migrations: 'supabase/migrations' })).close();
  } catch (error) {
    await server?.stop();
    remove();
    throw error;
  }
  const { url, pid, stop } = server;
  const sql = postgres(url, { max: 4, onnotice() {} });
  return {
    url,
    pid,
    sql,
    settings: await readSettings(sql, [...DURABILITY, ...Object.keys(tuning())]),
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await stop();
      remove();
    },
  };
}
