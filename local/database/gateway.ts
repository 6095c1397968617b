import { type HttpBindings, serve } from '@hono/node-server';
import { App, ConsoleEmailDriver, type EmailDriver } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import { LEAST_PASSWORD_LENGTH } from '../../shared/api/password.ts';
import { leadingBack, withWayBack } from './mail-links.ts';
import { migrate } from './migrate.ts';
import { openQueueRole } from './queue-role.ts';

export type GatewayKeys = { publishableKey: string; secretKey: string; jwtSecret: string };

export type Gateway = {
  /** Address for supabase-js: REST under /rest/v1, auth under /auth/v1. */
  url: string;
  close(): Promise<void>;
};

// The driver would encode a JSON argument twice; a string here is already JSON.
const json = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  parse: (value: string) => JSON.parse(value) as unknown,
});

/** What hosted Supabase allows a statement that comes through its API (https://supabase.com/docs/guides/database/postgres/timeouts). */
const STATEMENT_TIMEOUT_MS = 8_000;

/** Where a link of a mail may lead: to the page, on whatever port of this machine it is; anywhere else is refused. */
const PAGES = ['http://127.0.0.1:*/**', 'http://localhost:*/**'];

function connect(databaseUrl: string, statementTimeoutMs: number) {
  const types = { json: json(114), jsonb: json(3802) };
  // A client that stops waiting does not stop its statement: only this does, here as there.
  const connection = { statement_timeout: statementTimeoutMs };
  const postgresOptions = { max: 10, onnotice() {}, types, connection };
  return createPostgresConnection({ url: databaseUrl, postgresOptions });
}

/**
 * Lets pages of other origins use the answer, as hosted Supabase does. The gateway's auth routes neither
 * allow the headers that a browser asks about beforehand (a CORS preflight), nor always the origin.
 */
function openToPages(request: Request, answer: Response): Response {
  const headers = new Headers(answer.headers);
  headers.set('access-control-allow-origin', '*');
  const asked = request.headers.get('access-control-request-headers');
  if (request.method === 'OPTIONS' && asked !== null) headers.set('access-control-allow-headers', asked);
  return new Response(answer.body, { status: answer.status, headers });
}

/**
 * Serves a PostgreSQL database as Supabase does, on loopback, after bringing it to the newest migration.
 * @param migrations folder of migrations, or null where the database is known to be current
 */
export async function startGateway(options: {
  databaseUrl: string;
  port: number;
  keys: GatewayKeys;
  migrations: string | null;
  statementTimeoutMs?: number;
  /** Sends the mails of sign-in; without it nobody does. */
  mail?: EmailDriver;
}): Promise<Gateway> {
  const { databaseUrl, port, keys, migrations, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const { mail = new ConsoleEmailDriver({ silent: true }) } = options;
  const url = `http://127.0.0.1:${port}`;
  const connection = connect(databaseUrl, statementTimeoutMs);
  const app = new App({
    connection,
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      jwt_expiry: 3600,
      enable_signup: true,
      minimum_password_length: LEAST_PASSWORD_LENGTH,
      site_url: url,
      additional_redirect_urls: PAGES,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      email: { enable_confirmations: false },
    },
    options: { server: { admin: false }, drivers: { email: leadingBack(mail) } },
  });
  await app.ensureSystemSchema();
  await app.init();
  if (migrations !== null) {
    await migrate(connection.driver, migrations);
    await openQueueRole(connection.driver);
  }
  // Without this the gateway grants all tables to everybody at its first request, undoing every revoke.
  Reflect.set(connection, 'rlsState', 'active');
  await connection.clearSchemaCache();

  const server = serve({
    port,
    hostname: '127.0.0.1',
    fetch: async (request, env) => {
      const peerAddress = (env as HttpBindings).incoming.socket.remoteAddress ?? null;
      const answer = await withWayBack(request, async () => app.fetch(request, { peerAddress }));
      return openToPages(request, answer);
    },
  });
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    url,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await connection.driver.end({ timeout: 1 });
    },
  };
}
