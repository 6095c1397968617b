import { readFileSync } from 'node:fs';
import { createClient } from '@supabase/supabase-js';
import { expect, onTestFinished, test } from 'vitest';
import { LEAST_PASSWORD_LENGTH } from '../../shared/api/password.ts';
import { createTestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';

test('the page asks of a new password what the project does', () => {
  const config = readFileSync('supabase/config.toml', 'utf8');
  expect(/^minimum_password_length = (\d+)$/m.exec(config)?.[1]).toBe(String(LEAST_PASSWORD_LENGTH));
});

test('and so does sign-in on this machine', async () => {
  const db = await createTestDatabase();
  onTestFinished(() => db.close());
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const { auth } = createClient(db.gateway.url, TEST_KEYS.publishableKey, options);
  const signUp = (email: string, length: number) =>
    auth.signUp({ email, password: 'p4'.repeat(20).slice(0, length) });
  const short = await signUp('short@example.com', LEAST_PASSWORD_LENGTH - 1);
  expect(short.error).toMatchObject({ code: 'weak_password' });
  const long = await signUp('long@example.com', LEAST_PASSWORD_LENGTH);
  expect(long.error).toBeNull();
});
