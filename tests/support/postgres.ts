import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startGateway } from '../../local/database/gateway.ts';
import { startPostgres } from '../../local/database/postgres-server.ts';
import { freePort } from '../../local/free-port.ts';
import { TEMPLATE, TEST_KEYS } from './keys.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    /** A folder of the whole run, for what its files share. */
    runFolder: string;
  }
}

/** A run leaves some 200 databases of a thousand files each, which take Node a minute to remove. */
const removeFolder = (folder: string) => execFileSync('rm', ['-rf', folder]);

/** A PostgreSQL in a folder of its own, with a migrated database (`TEMPLATE`) that tests clone. */
export async function startTestPostgres() {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-tests-'));
  const dataDir = join(folder, 'postgres');
  const server = await startPostgres({ dataDir, port: await freePort() });
  const admin = postgres(server.url, { max: 1 });
  await admin.unsafe(`create database ${TEMPLATE}`);
  await admin.end();
  const gateway = await startGateway({
    databaseUrl: server.url.replace(/postgres$/, TEMPLATE),
    port: await freePort(),
    keys: TEST_KEYS,
    migrations: 'supabase/migrations',
  });
  await gateway.close();
  return { server, folder, dataDir, remove: () => removeFolder(folder) };
}

/**
 * Global set-up of the test run: one PostgreSQL in a folder of its own, with a migrated database that
 * every test file clones.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, folder, remove } = await startTestPostgres();
  project.provide('postgresUrl', server.url);
  project.provide('runFolder', folder);
  return async () => {
    await server.stop();
    remove();
  };
}
