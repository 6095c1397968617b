import { randomUUID } from 'node:crypto';
import { InMemoryEmailDriver } from '@supabase/lite';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type Gateway, startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import type { Database } from '../../shared/database/types.ts';
import { connect } from './connect.ts';
import { TEMPLATE, TEST_KEYS } from './keys.ts';

export type Person = { id: string; email: string; accessToken: string; client: SupabaseClient<Database> };

export type TestDatabase = {
  /** A superuser's connection: for arranging what no function allows, and for looking. */
  sql: postgres.Sql;
  url: string;
  gateway: Gateway;
  /** What sign-in has sent, by address. */
  mails: InMemoryEmailDriver;
  /** The product's own client, with the secret key. */
  service: SupabaseClient<Database>;
  anonymous: SupabaseClient<Database>;
  /** Somebody who has an account, a password and a session. */
  signUp(email?: string): Promise<Person>;
  /** The same by way of the sign-up that everybody takes, which is slow; for whoever uses `client.auth`. */
  signUpByForm(email?: string): Promise<Person>;
  close(): Promise<void>;
};

/** Everybody's password here. */
export const PASSWORD = 'correct horse battery';
/** Of `PASSWORD`, by bcrypt: to compute it anew for everybody would be a fifth of all that the tests do. */
const PASSWORD_HASH = '$2b$10$BTn26L.XXmFy2LlGPx97jOpEOIncbdAf/QKfdUK1A8v6fQYV2k3iG';

/** What the gateway writes when somebody signs up, without the way there. @returns the access token */
async function writePerson(sql: postgres.Sql, id: string, email: string): Promise<string> {
  const sessionId = randomUUID();
  const about = { sub: id, email, email_verified: true, phone_verified: false };
  await sql.begin(async (sql) => {
    await sql`insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at,
        raw_app_meta_data, raw_user_meta_data, is_sso_user, is_anonymous, last_sign_in_at, created_at, updated_at)
      values (${id}, 'authenticated', 'authenticated', ${email}, ${PASSWORD_HASH}, now(),
        ${sql.json({ provider: 'email', providers: ['email'] })}, ${sql.json(about)}, false, false, now(), now(), now())`;
    await sql`insert into auth.identities (id, provider, provider_id, user_id, identity_data, created_at, updated_at)
      values (${randomUUID()}, 'email', ${id}, ${id}, ${sql.json(about)}, now(), now())`;
    await sql`insert into auth.sessions (id, user_id, aal, created_at, updated_at)
      values (${sessionId}, ${id}, 'aal1', now(), now())`;
  });
  return new SignJWT({ aud: 'authenticated', role: 'authenticated', email, session_id: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(TEST_KEYS.jwtSecret));
}

const OPTIONS = { auth: { persistSession: false, autoRefreshToken: false } };

async function order(postgresUrl: string, statement: string): Promise<void> {
  const admin = postgres(postgresUrl, { max: 1, onnotice() {} });
  await admin.unsafe(statement);
  await admin.end();
}

/**
 * A database of the test file's own, cloned from the migrated template and served as Supabase.
 * @param postgresUrl the test run's own PostgreSQL unless given
 */
export async function createTestDatabase(postgresUrl = inject('postgresUrl')): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // To copy its files takes half as much as to write them to the log.
  await order(postgresUrl, `create database ${name} template ${TEMPLATE} strategy file_copy`);

  const url = new URL(postgresUrl);
  url.pathname = name;
  const sql = connect(url.href, { max: 10 });
  const port = await freePort();
  const mails = new InMemoryEmailDriver();
  const gateway = await startGateway({
    databaseUrl: url.href,
    port,
    keys: TEST_KEYS,
    migrations: null,
    mail: mails,
  });
  const client = (key: string) => createClient<Database>(gateway.url, key, OPTIONS);
  return {
    sql,
    url: url.href,
    gateway,
    mails,
    service: client(TEST_KEYS.secretKey),
    anonymous: client(TEST_KEYS.publishableKey),
    async signUp(email = `${randomUUID()}@example.com`) {
      const id = randomUUID();
      const accessToken = await writePerson(sql, id, email);
      const session = { ...OPTIONS, accessToken: async () => accessToken };
      const own = createClient<Database>(gateway.url, TEST_KEYS.publishableKey, session);
      return { id, email, accessToken, client: own };
    },
    async signUpByForm(email = `${randomUUID()}@example.com`) {
      const own = client(TEST_KEYS.publishableKey);
      const { data, error } = await own.auth.signUp({ email, password: PASSWORD });
      if (error || !data.session || !data.user) throw error ?? new Error('no session after sign-up');
      return { id: data.user.id, email, accessToken: data.session.access_token, client: own };
    },
    async close() {
      await gateway.close();
      await sql.end({ timeout: 1 });
      // Hundreds of them are more than memory holds.
      await order(postgresUrl, `drop database ${name} with (force)`);
    },
  };
}
