import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PASSWORD } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { createScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  scene = await createScene();
});
afterAll(() => scene.db.close());

async function auth(method: string, path: string, body: unknown, token?: string) {
  const response = await fetch(`${scene.db.gateway.url}/auth/v1/${path}`, {
    method,
    headers: {
      apikey: TEST_KEYS.publishableKey,
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown> & {
    access_token?: string;
    user?: { id: string };
  };
}

/** Everything that somebody could claim about themselves. */
const claims = () => ({
  role: 'service_role',
  aud: 'service_role',
  is_super_admin: true,
  id: scene.victim.id,
  user_id: scene.victim.id,
  sub: scene.victim.id,
  app_metadata: { role: 'service_role', provider: 'admin' },
  raw_app_meta_data: { role: 'service_role' },
  user_metadata: { role: 'operator' },
  data: {
    role: 'operator',
    balance_seconds: 1_000_000,
    stripe_customer_id: 'cus_of_the_victim',
    display_name: 'x'.repeat(5000),
  },
  balance_seconds: 1_000_000,
});

async function expectOrdinary(userId: string, token: string) {
  expect(decodeJwt(token)).toMatchObject({ role: 'authenticated', sub: userId });
  const [row] = await scene.db.sql`
    select u.role, u.stripe_customer_id, length(u.display_name) <= 200 as short_name, a.balance_seconds::int as balance
    from public.users u join public.time_accounts a on a.user_id = u.id where u.id = ${userId}`;
  expect(row).toEqual({ role: 'caller', stripe_customer_id: null, short_name: true, balance: 0 });
}

test('who signs up with claims of power is a caller with nothing', async () => {
  const email = `${randomUUID()}@example.com`;
  const answer = await auth('POST', 'signup', { ...claims(), email, password: PASSWORD });
  expect(answer.user?.id).not.toBe(scene.victim.id);
  await expectOrdinary(answer.user?.id ?? '', answer.access_token ?? '');
});

test('who changes their own metadata stays a caller, in this token and in the next', async () => {
  const person = await scene.db.signUpByForm();
  await auth('PUT', 'user', claims(), person.accessToken);
  await person.client.auth.updateUser({ data: { role: 'service_role', claims_admin: true } });
  const { data } = await person.client.auth.refreshSession();
  await expectOrdinary(person.id, data.session?.access_token ?? '');
  const { data: signedIn } = await person.client.auth.signInWithPassword({
    email: person.email,
    password: PASSWORD,
  });
  await expectOrdinary(person.id, signedIn.session?.access_token ?? '');
});

test('whose address is taken cannot be signed up again, nor signed in to without the password', async () => {
  const again = await auth('POST', 'signup', { email: scene.victim.email, password: 'another password 123' });
  expect(again.access_token).toBeUndefined();
  const guess = await auth('POST', 'token?grant_type=password', {
    email: scene.victim.email,
    password: 'another password 123',
  });
  expect(guess.access_token).toBeUndefined();
});

test("who changes their address takes nobody else's", async () => {
  const person = await scene.db.signUpByForm();
  await auth('PUT', 'user', { email: scene.victim.email }, person.accessToken);
  const rows = await scene.db.sql`select id from public.users where email = ${scene.victim.email}`;
  expect(rows.map((row) => row.id)).toEqual([scene.victim.id]);
});
