import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type Gateway, startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import type { Database } from '../../shared/database/types.ts';
import { TEMPLATE, TEST_KEYS } from './keys.ts';

export type Person = { id: string; email: string; accessToken: string; client: SupabaseClient<Database> };

export type TestDatabase = {
  /** A superuser's connection: for arranging what no function allows, and for looking. */
  sql: postgres.Sql;
  url: string;
  gateway: Gateway;
  /** The product's own client, with the secret key. */
  service: SupabaseClient<Database>;
  anonymous: SupabaseClient<Database>;
  signUp(email?: string): Promise<Person>;
  close(): Promise<void>;
};

const OPTIONS = { auth: { persistSession: false, autoRefreshToken: false } };

/**
 * A database of the test file's own, cloned from the migrated template and served as Supabase.
 * @param postgresUrl the test run's own PostgreSQL unless given
 */
export async function createTestDatabase(postgresUrl = inject('postgresUrl')): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(postgresUrl, { max: 1, onnotice() {} });
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  await admin.end();

  const url = new URL(postgresUrl);
  url.pathname = name;
  const sql = postgres(url.href, { max: 10, onnotice() {} });
  const port = await freePort();
  const gateway = await startGateway({ databaseUrl: url.href, port, keys: TEST_KEYS, migrations: null });
  const client = (key: string) => createClient<Database>(gateway.url, key, OPTIONS);
  return {
    sql,
    url: url.href,
    gateway,
    service: client(TEST_KEYS.secretKey),
    anonymous: client(TEST_KEYS.publishableKey),
    async signUp(email = `${randomUUID()}@example.com`) {
      const own = client(TEST_KEYS.publishableKey);
      const { data, error } = await own.auth.signUp({ email, password: 'correct horse battery' });
      if (error || !data.session || !data.user) throw error ?? new Error('no session after sign-up');
      return { id: data.user.id, email, accessToken: data.session.access_token, client: own };
    },
    async close() {
      await gateway.close();
      await sql.end({ timeout: 1 });
    },
  };
}
