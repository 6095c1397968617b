// Against Supabase's own auth server (github.com/supabase/auth), which no registry has ready-made: build it with
// `go build -o auth-server .` in a checkout of it, and set AUTH_SERVER_FOLDER to that folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Gateway, startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import { createTokenVerifier } from '../../webhook-server/http/verify-access-token.ts';
import { connect } from '../support/connect.ts';
import { PASSWORD } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { until } from '../support/sidecar.ts';

const folder = process.env.AUTH_SERVER_FOLDER;
const NO_SERVER = 'AUTH_SERVER_FOLDER is not set (tests/access/auth-server.long.test.ts)';
const DATABASE = 'of_the_auth_server';
const OPTIONS = { auth: { persistSession: false, autoRefreshToken: false } };

/** What hosted Supabase has before the auth server's own migrations. */
const ROLES = `
  create role supabase_auth_admin noinherit createrole login superuser password 'root';
  alter role supabase_auth_admin set search_path = 'auth';
  create role supabase_admin superuser; create role dashboard_user nologin;
  create schema auth authorization supabase_auth_admin`;

let sql: postgres.Sql;
let authServer: ChildProcess;
let gateway: Gateway;
let close: () => void;
let anonymous: SupabaseClient;
let admin: SupabaseClient;

async function startAuthServer(folder: string, url: URL): Promise<string> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = {
    GOTRUE_DB_DRIVER: 'postgres',
    GOTRUE_DB_MIGRATIONS_PATH: join(folder, 'migrations'),
    DB_NAMESPACE: 'auth',
    DATABASE_URL: url.href,
    GOTRUE_JWT_SECRET: TEST_KEYS.jwtSecret,
    GOTRUE_JWT_AUD: 'authenticated',
    GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
    GOTRUE_JWT_ADMIN_ROLES: 'supabase_admin,service_role',
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
    GOTRUE_PASSWORD_MIN_LENGTH: '10',
    GOTRUE_SITE_URL: 'https://page.example',
    GOTRUE_LOG_LEVEL: 'error',
    GOTRUE_API_HOST: '127.0.0.1',
    API_EXTERNAL_URL: address,
    PORT: String(port),
  };
  const run = (command: string) => spawn(join(folder, 'auth-server'), [command], { env, stdio: 'ignore' });
  expect(await once(run('migrate'), 'exit')).toEqual([0, null]);
  authServer = run('serve');
  const isUp = () =>
    fetch(`${address}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(isUp);
  return address;
}

/** One address as a project has it: sign-in is the real server's, all else the gateway's. */
async function startProject(authUrl: string, restUrl: string): Promise<string> {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const target = path.startsWith('/auth/v1') ? authUrl + path.slice('/auth/v1'.length) : restUrl + path;
    const { authorization = '', apikey = '', 'content-type': type = 'application/json' } = request.headers;
    const headers = { authorization, apikey: String(apikey), 'content-type': type };
    const body = request.method === 'GET' ? null : Buffer.concat(await request.toArray());
    const answer = await fetch(target, {
      method: request.method ?? 'GET',
      headers,
      body,
      redirect: 'manual',
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  if (folder === undefined) return;
  const owner = connect(inject('postgresUrl'), { max: 1 });
  await owner.unsafe(`create database ${DATABASE}`);
  await owner.end();
  const url = new URL(inject('postgresUrl'));
  url.pathname = DATABASE;
  sql = connect(url.href, { max: 2 });
  await sql.unsafe(ROLES);
  const asAuthAdmin = new URL(url);
  asAuthAdmin.username = 'supabase_auth_admin';
  asAuthAdmin.password = 'root';
  const authUrl = await startAuthServer(folder, asAuthAdmin);
  gateway = await startGateway({
    databaseUrl: url.href,
    port: await freePort(),
    keys: TEST_KEYS,
    migrations: 'supabase/migrations',
  });
  const project = await startProject(authUrl, gateway.url);
  anonymous = createClient(project, TEST_KEYS.publishableKey, OPTIONS);
  const service = await new SignJWT({ role: 'service_role' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(TEST_KEYS.jwtSecret));
  admin = createClient(project, service, OPTIONS);
});
afterAll(async () => {
  if (folder === undefined) return;
  close();
  await gateway.close();
  authServer.kill();
  await sql.end();
});

async function signUp(email: string, name: string) {
  const options = { data: { full_name: name } };
  const { data, error } = await anonymous.auth.signUp({ email, password: PASSWORD, options });
  expect(error).toBeNull();
  return { id: data.user?.id ?? '', token: data.session?.access_token ?? '' };
}
const inBooks = async (id: string) =>
  (
    await sql`select email, display_name, deleted_at is not null as deleted from public.users where id = ${id}`
  )[0];

test("the books follow Supabase's own auth server: sign-up, change, both kinds of deletion", async (context) => {
  if (folder === undefined) return context.skip(NO_SERVER);
  const { id, token } = await signUp('ada@example.com', 'Ada Lovelace');
  expect(await inBooks(id)).toEqual({
    email: 'ada@example.com',
    display_name: 'Ada Lovelace',
    deleted: false,
  });
  const verify = createTokenVerifier({
    supabaseUrl: gateway.url,
    jwtSecret: TEST_KEYS.jwtSecret,
    now: () => new Date(),
  });
  expect(await verify(token)).toEqual({ userId: id });
  await admin.auth.admin.updateUserById(id, {
    email: 'king@example.com',
    email_confirm: true,
    user_metadata: { full_name: 'Ada King' },
  });
  expect(await inBooks(id)).toEqual({ email: 'king@example.com', display_name: 'Ada King', deleted: false });

  const other = await signUp('soft@example.com', 'Soft');
  expect((await admin.auth.admin.deleteUser(other.id, true)).error).toBeNull();
  expect(await inBooks(other.id)).toEqual({ email: null, display_name: '', deleted: true });
  expect((await admin.auth.admin.deleteUser(other.id)).error).toBeNull();
  expect(await inBooks(other.id)).toBeUndefined();
});

test('it refuses what the page refuses: short passwords, addresses that are taken', async (context) => {
  if (folder === undefined) return context.skip(NO_SERVER);
  const email = 'twice@example.com';
  expect((await anonymous.auth.signUp({ email, password: 'nine char' })).error?.code).toBe('weak_password');
  await signUp(email, 'Once');
  expect((await anonymous.auth.signUp({ email, password: PASSWORD })).error?.code).toBe(
    'user_already_exists',
  );
});
