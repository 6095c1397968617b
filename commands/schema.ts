import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { startGateway } from '../local/database/gateway.ts';
import { startPostgres } from '../local/database/postgres-server.ts';
import { freePort } from '../local/free-port.ts';
import { dumpSchema } from './schema-dump.ts';

const TYPES = 'shared/database/types.ts';
const DUMP = 'supabase/schema.sql';
const BIN = 'node_modules/.bin';

async function formatted(source: string): Promise<string> {
  const running = promisify(execFile)(join(BIN, 'biome'), ['format', `--stdin-file-path=${TYPES}`]);
  running.child.stdin?.end(source);
  return (await running).stdout;
}

async function generateTypes(databaseUrl: string): Promise<string> {
  // In a folder of its own, because the tool leaves notes in the project that it finds.
  const cwd = mkdtempSync(join(tmpdir(), 'mindbot-types-'));
  // Without PGSSLMODE the tool tries TLS first and says so in the middle of the types.
  const env = { ...process.env, PGSSLMODE: 'disable', DO_NOT_TRACK: '1' };
  const args = ['gen', 'types', '--lang', 'typescript', '--db-url', databaseUrl, '--schema', 'public'];
  try {
    const { stdout } = await promisify(execFile)(resolve(BIN, 'supabase'), args, { env, cwd });
    return await formatted(stdout);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** What the two generated files must hold, made from a migrated database: path and text. */
export async function generateSchemaFiles(databaseUrl: string): Promise<Record<string, string>> {
  const sql = postgres(databaseUrl, { max: 1, onnotice() {} });
  try {
    return { [TYPES]: await generateTypes(databaseUrl), [DUMP]: await dumpSchema(sql) };
  } finally {
    await sql.end();
  }
}

/** Starts an empty database of its own, migrates it, and calls back with its address. */
async function withMigratedDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-schema-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), port: await freePort() });
  try {
    const keys = { publishableKey: 'none', secretKey: 'none', jwtSecret: 'none' };
    const options = { databaseUrl: server.url, port: await freePort(), keys };
    await (await startGateway({ ...options, migrations: 'supabase/migrations' })).close();
    return await work(server.url);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function check(files: Record<string, string>): void {
  const stale = Object.keys(files).filter((path) => readFileSync(path, 'utf8') !== files[path]);
  if (stale.length === 0) return;
  console.error(`Not what the migrations say: ${stale.join(', ')}. Run "npm run schema".`);
  process.exitCode = 1;
}

if (import.meta.main) {
  const verb = process.argv[2];
  if (verb !== 'write' && verb !== 'check') {
    console.error('Usage: npx node commands/schema.ts write|check');
    process.exit(2);
  }
  const files = await withMigratedDatabase(generateSchemaFiles);
  if (verb === 'check') check(files);
  else for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
}
