import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTokenVerifier } from '../../webhook-server/http/verify-access-token.ts';
import { findSigningProblem } from '../../webhook-server/operations/find-signing-problem.ts';
import { createTestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';

const USER = '4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f';
const secret = new TextEncoder().encode(TEST_KEYS.jwtSecret);

function claims(overrides: Record<string, unknown> = {}) {
  return { sub: USER, role: 'authenticated', exp: Math.floor(Date.now() / 1000) + 600, ...overrides };
}

const hs256 = (payload: Record<string, unknown>, key = secret) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(key);

describe('over HTTP', () => {
  let sidecar: TestSidecar;
  beforeAll(async () => {
    sidecar = await startSidecar();
  });
  afterAll(() => sidecar.close());

  test('a session of Supabase is a person, who sees only what is their own', async () => {
    const [me, other] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
    for (const what of ['balance', 'analytics', 'gifts']) {
      expect((await sidecar.get(`/user/${me.id}/${what}`, { person: me })).status).toBe(200);
      expect((await sidecar.get(`/user/${me.id.toUpperCase()}/${what}`, { person: me })).status).toBe(200);
      const theirs = await sidecar.get(`/user/${other.id}/${what}`, { person: me });
      expect([theirs.status, codeOf(theirs)]).toEqual([403, 'forbidden']);
      const malformed = await sidecar.get(`/user/me/${what}`, { person: me });
      expect([malformed.status, codeOf(malformed)]).toEqual([400, 'invalid_request']);
      const anonymous = await sidecar.get(`/user/${me.id}/${what}`);
      expect([anonymous.status, codeOf(anonymous)]).toEqual([401, 'not_signed_in']);
    }
  });

  test('what is no access token is refused, and the message says why', async () => {
    const cases: [string, RegExp][] = [
      [await hs256(claims({ exp: Math.floor(Date.now() / 1000) - 1 })), /expired/],
      [await hs256(claims(), new TextEncoder().encode('x'.repeat(40))), /not signed by this service/],
      [new UnsecuredJWT(claims()).encode(), /malformed/],
      [`${new UnsecuredJWT(claims()).encode()}c2ln`, /malformed/],
      [await hs256(claims({ role: 'anon' })), /malformed or not of a signed-in person/],
      [await hs256(claims({ role: 'service_role' })), /malformed or not of a signed-in person/],
      [await hs256(claims({ sub: 'admin' })), /malformed/],
      [await hs256(claims({ sub: undefined })), /malformed/],
      [await hs256(claims({ exp: undefined })), /malformed/],
      [TEST_KEYS.secretKey, /malformed/],
      [TEST_KEYS.publishableKey, /malformed/],
      ['a.b.c', /malformed/],
    ];
    for (const [token, message] of cases) {
      const answer = await sidecar.get(`/user/${USER}/balance`, { token });
      expect([answer.status, codeOf(answer)]).toEqual([401, 'not_signed_in']);
      expect((answer.body as { error: { message: string } }).error.message).toMatch(message);
    }
    const basic = await sidecar.get(`/user/${USER}/balance`, { headers: { authorization: 'Basic eDp5' } });
    expect(basic.status).toBe(401);
  });

  test('a valid token of an account that was deleted is not signed in', async () => {
    const answer = await sidecar.get(`/user/${USER}/balance`, { token: await hs256(claims()) });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'not_signed_in']);
  });
});

describe('over HTTP, of who was deleted', () => {
  test.each(['hard', 'soft'])(
    'a token that is left (%s) reads nothing, here and at the database',
    async (way) => {
      const sidecar = await startSidecar();
      try {
        const { sql, signUp } = sidecar.database;
        const person = await signUp();
        await giveTime(sql, person.id, 600);
        const tables = ['users', 'accounts', 'grants', 'ledger', 'time_accounts'] as const;
        const read = () =>
          Promise.all(
            tables.map(
              async (name) => (await person.client.from(name as 'time_accounts').select()).data?.length,
            ),
          );
        expect(await read()).toEqual([1, 1, 1, 1, 1]);
        if (way === 'hard') await sql`delete from auth.users where id = ${person.id}`;
        else await sql`update auth.users set email = 'a-hash', deleted_at = now() where id = ${person.id}`;
        for (const what of ['balance', 'analytics', 'gifts', 'calls', 'memories']) {
          const answer = await sidecar.get(`/user/${person.id}/${what}`, { person });
          expect([what, answer.status, codeOf(answer)]).toEqual([what, 401, 'not_signed_in']);
        }
        expect(codeOf(await sidecar.post('/token', { person }))).toBe('not_signed_in');
        expect(await read()).toEqual([0, 0, 0, 0, 0]);
      } finally {
        await sidecar.close();
      }
    },
  );

  test('who asked a moment before begins no purchase, and is told why', async () => {
    const sidecar = await startSidecar();
    try {
      const person = await sidecar.database.signUp();
      await giveTime(sidecar.database.sql, person.id, 600);
      expect((await sidecar.get(`/user/${person.id}/balance`, { person })).status).toBe(200);
      await sidecar.database.sql`delete from auth.users where id = ${person.id}`;
      for (const path of ['/create-payment-intent', '/create-checkout-session']) {
        const headers = { 'idempotency-key': path };
        const answer = await sidecar.post(path, { person, body: { package_id: 'starter' }, headers });
        expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'not_signed_in']);
      }
    } finally {
      await sidecar.close();
    }
  });

  test('a name that is changed at the auth server reaches the books, and one that the books have stays', async () => {
    const db = await createTestDatabase();
    try {
      const { id } = await db.signUp();
      const nameOf = async () =>
        (await db.sql`select display_name as name from users where id = ${id}`)[0]?.name;
      await db.sql`update auth.users set raw_user_meta_data = '{"display_name": "Ada"}' where id = ${id}`;
      expect(await nameOf()).toBe('Ada');
      await db.sql`update auth.users set email = 'ada@example.com' where id = ${id}`;
      expect(await nameOf()).toBe('Ada');
      await db.sql`update auth.users set raw_user_meta_data = '{"full_name": "Ada L."}' where id = ${id}`;
      expect(await nameOf()).toBe('Ada L.');
    } finally {
      await db.close();
    }
  });
});

describe('with keys published by Supabase', () => {
  let server: Server;
  let supabaseUrl: string;
  let answer: { status: number; body: string };
  const pair = generateKeyPair('ES256', { extractable: true });
  beforeAll(async () => {
    const jwk = { ...(await exportJWK((await pair).publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
    answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) };
    server = createServer((request, response) => {
      response.writeHead(request.url === '/auth/v1/.well-known/jwks.json' ? answer.status : 404);
      response.end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    supabaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  type Key = Awaited<typeof pair>['privateKey'];
  const es256 = async (kid = 'k1', key?: Key) =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid }).sign(key ?? (await pair).privateKey);
  const verifier = (jwtSecret?: string) =>
    createTokenVerifier({ supabaseUrl, jwtSecret, now: () => new Date() });

  test('takes what they signed', async () => {
    expect(await verifier()(await es256())).toEqual({ userId: USER });
  });

  test('refuses what others signed, and HS256 without a secret of ours', async () => {
    const stranger = (await generateKeyPair('ES256')).privateKey;
    const refused = [await es256('k1', stranger), await es256('k2', stranger), await hs256(claims())];
    for (const token of refused) {
      await expect(verifier()(token)).rejects.toMatchObject({ code: 'not_signed_in' });
    }
  });

  test('a key that replaces the old one at once is known within a second or two', async () => {
    const known = verifier();
    expect(await known(await es256())).toEqual({ userId: USER });
    const next = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'ES256', use: 'sig' };
    const before = answer;
    answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) };
    const token = await es256('k2', next.privateKey);
    await vi.waitFor(async () => expect(await known(token)).toEqual({ userId: USER }), { timeout: 5_000 });
    answer = before;
  });

  test('a project without keys needs the secret, and one that does not answer is no proof', async () => {
    expect(await findSigningProblem({ SUPABASE_URL: supabaseUrl })).toBeNull();
    const before = answer;
    answer = { status: 200, body: '{"keys":[]}' };
    expect(await findSigningProblem({ SUPABASE_URL: supabaseUrl })).toContain('SUPABASE_JWT_SECRET');
    expect(await findSigningProblem({ SUPABASE_URL: supabaseUrl, SUPABASE_JWT_SECRET: 'x' })).toBeNull();
    answer = before;
    expect(await findSigningProblem({ SUPABASE_URL: 'http://127.0.0.1:1' })).toBeNull();
  });

  test('a public key is no shared secret', async () => {
    const jwk = await exportJWK((await pair).publicKey);
    const confused = await hs256(claims(), new TextEncoder().encode(JSON.stringify(jwk)));
    await expect(verifier(TEST_KEYS.jwtSecret)(confused)).rejects.toMatchObject({ code: 'not_signed_in' });
  });

  test('when the keys cannot be fetched, nobody is sent to sign in again', async () => {
    answer = { ...answer, status: 500 };
    await expect(verifier()(await es256())).rejects.toMatchObject({ code: 'database_unavailable' });
    const nobody = createTokenVerifier({
      supabaseUrl: 'http://127.0.0.1:1',
      jwtSecret: undefined,
      now: () => new Date(),
    });
    await expect(nobody(await es256())).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});
