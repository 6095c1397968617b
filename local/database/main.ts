import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SmtpEmailDriver } from '@supabase/lite';
import postgres from 'postgres';
import { z } from 'zod';
import { databaseAddress, port } from '../../shared/config/kinds.ts';
import { readVariablesOrExit } from '../read-variables.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { selfTest } from './self-test.ts';

const MIGRATIONS = fileURLToPath(new URL('../../supabase/migrations', import.meta.url));
const CLOSE_WITHIN_MS = 3000;

const environment = z.object({
  ENVIRONMENT: z
    .string()
    .optional()
    .refine((name) => name !== 'production', 'the local database must not run in production'),
  LOCAL_DATABASE_URL: databaseAddress('postgres://postgres:password@127.0.0.1:5432/mindbot').optional(),
  DATA_DIR: z.string().min(1),
  POSTGRES_PORT: port(54322),
  SUPABASE_PORT: port(54321),
  /** Of the mailbox, which the mails of sign-in go to. */
  MAILBOX_SMTP_PORT: port(0),
  SUPABASE_PUBLISHABLE_KEY: z.string().startsWith('sb_publishable_'),
  SUPABASE_SERVICE_ROLE_KEY: z.string().startsWith('sb_secret_'),
  SUPABASE_JWT_SECRET: z.string().min(32),
});

type Config = z.infer<typeof environment>;

/** Serves nobody until the rights are proved after a first request, when the gateway might undo the revokes. */
async function proveRights(databaseUrl: string, gateway: Gateway, config: Config): Promise<void> {
  const apikey = config.SUPABASE_PUBLISHABLE_KEY;
  const response = await fetch(`${gateway.url}/rest/v1/pricing_tiers?select=id`, { headers: { apikey } });
  if (!response.ok) throw new Error(`The gateway answered its first request with ${response.status}.`);
  await response.body?.cancel();
  const sql = postgres(databaseUrl, { max: 1, onnotice() {} });
  try {
    const problems = await selfTest(sql);
    if (problems.length > 0) {
      throw new Error(['The database is not safe to serve:', ...problems].join('\n  - '));
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function stopOnSignal(gateway: Gateway, server: PostgresServer | undefined): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    // A client that keeps its connection open must not keep the database from a clean end.
    await Promise.race([gateway.close(), sleep(CLOSE_WITHIN_MS)]);
    await server?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  void server?.exited.then(() => {
    if (isStopping) return;
    console.error('PostgreSQL ended by itself: see its log.');
    process.exit(1);
  });
}

/** SQL states and codes of the system, of which the address is to blame. */
const ADDRESS_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ETIMEDOUT: 'it does not answer',
  CONNECT_TIMEOUT: 'it does not answer',
  CONNECTION_CLOSED: 'it hung up; is it a PostgreSQL?',
  '28P01': 'it refuses the password',
  '28000': 'it refuses this user',
  '3D000': 'it has no such database',
  '42501': 'this user may not make roles; it must be a superuser',
};

/** What is wrong with a database of the developer's own, without its address, which holds a password. */
function ownDatabaseProblem(address: string, error: unknown): string | null {
  const failures = error instanceof AggregateError ? error.errors : [error];
  for (const failure of failures) {
    const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined;
    const why = typeof code === 'string' ? ADDRESS_PROBLEMS[code] : undefined;
    if (why === undefined) continue;
    const { host } = new URL(address);
    return `LOCAL_DATABASE_URL: the database at ${host} cannot be used: ${why}. Correct it in .env, or leave it out for one of our own.`;
  }
  return null;
}

/** Links to sign in, to confirm an address and to choose a new password; null where there is no mailbox. */
function mailTo(smtpPort: number): SmtpEmailDriver | null {
  if (smtpPort === 0) return null;
  const from = { name: 'MindBot', address: 'sign-in@mindbot.example' };
  return new SmtpEmailDriver({ host: '127.0.0.1', port: smtpPort, from });
}

async function main(config: Config): Promise<void> {
  mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
  const dataDir = join(config.DATA_DIR, 'postgres');
  const server = config.LOCAL_DATABASE_URL
    ? undefined
    : await startPostgres({ dataDir, port: config.POSTGRES_PORT });
  const databaseUrl = config.LOCAL_DATABASE_URL ?? server?.url ?? '';
  try {
    const mail = mailTo(config.MAILBOX_SMTP_PORT);
    const gateway = await startGateway({
      ...(mail && { mail }),
      databaseUrl,
      port: config.SUPABASE_PORT,
      migrations: MIGRATIONS,
      keys: {
        publishableKey: config.SUPABASE_PUBLISHABLE_KEY,
        secretKey: config.SUPABASE_SERVICE_ROLE_KEY,
        jwtSecret: config.SUPABASE_JWT_SECRET,
      },
    });
    await proveRights(databaseUrl, gateway, config);
    stopOnSignal(gateway, server);
    console.log(JSON.stringify({ ready: true, url: gateway.url }));
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

const config = readVariablesOrExit(environment);
await main(config).catch((error: unknown) => {
  const ofOwn =
    config.LOCAL_DATABASE_URL === undefined ? null : ownDatabaseProblem(config.LOCAL_DATABASE_URL, error);
  console.error(ofOwn ?? (error instanceof Error ? (error.stack ?? error.message) : error));
  process.exit(ofOwn === null ? 1 : 78);
});
