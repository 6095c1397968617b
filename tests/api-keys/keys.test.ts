import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_SCOPES, hashApiKey, isApiKey, makeApiKey, showApiKey } from '../../shared/api-keys/api-key.ts';
import { createLogger } from '../../shared/logging.ts';
import { codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addTenant } from '../usage/usage.ts';
import { type Replica, startReplica } from './replica.ts';

let sidecar: TestSidecar;
let replicas: [Replica, Replica];
const logged: string[] = [];
beforeAll(async () => {
  const logger = createLogger('sidecar', 'trace', { write: (line) => void logged.push(line) });
  sidecar = await startSidecar({ logger });
  replicas = [await startReplica(sidecar.deps), await startReplica(sidecar.deps)];
});
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await sidecar.close();
});

type Made = { key: { id: string; preview: string }; secret: string };

async function makeTenant(scopes: readonly string[] = API_SCOPES, more: object = {}) {
  const { signUp, sql } = sidecar.database;
  const [owner, billing, member] = [await signUp(), await signUp(), await signUp()];
  const tenantId = await addTenant(sql, [owner.id, billing.id, member.id]);
  await sql`update tenant_members set role = 'billing' where user_id = ${billing.id}`;
  const path = `/tenants/${tenantId}/api-keys`;
  const make = async (person = owner, body: object = { name: 'Server', scopes, ...more }) =>
    sidecar.post(path, { person, body });
  const made = (await make()).body as Made;
  return { owner, billing, member, tenantId, path, make, ...made };
}

test('a key tells by itself whether it is one, and is known by its first and last characters', () => {
  for (let i = 0; i < 200; i++) expect(isApiKey(makeApiKey(i % 2 === 0))).toBe(true);
  const smallest = makeApiKey(true, Buffer.alloc(32));
  expect(smallest).toMatch(/^mb_live_0{43}_[0-9A-Za-z]{6}$/);
  const largest = makeApiKey(false, Buffer.alloc(32, 255));
  expect(largest).toMatch(/^mb_test_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  expect(showApiKey(largest)).toEqual({ prefix: largest.slice(0, 12), last4: largest.slice(-4) });
  for (let at = 8; at < largest.length; at++) {
    const slip = largest.slice(0, at) + (largest[at] === 'a' ? 'b' : 'a') + largest.slice(at + 1);
    expect([at, isApiKey(slip)]).toEqual([at, false]);
  }
  for (const other of ['', 'mb_live_', `${largest} `, `x${largest}`, largest.replace('test', 'live')])
    expect(isApiKey(other)).toBe(false);
  expect(hashApiKey('pepper', largest)).not.toBe(hashApiKey('Pepper', largest));
});

test('an owner makes a key, which is shown once; nothing that is kept or logged holds it', async () => {
  const { owner, billing, member, tenantId, path, make, key, secret } = await makeTenant();
  expect(isApiKey(secret)).toBe(true);
  expect(key.preview).toBe(`${secret.slice(0, 12)}…${secret.slice(-4)}`);
  const list = await sidecar.get(path, { person: billing });
  expect(list.body).toMatchObject({
    keys: [{ id: key.id, state: 'live', last_used_at: null, creator_left: false }],
  });
  expect(codeOf(await sidecar.get(path, { person: member }))).toBe('role_missing');
  for (const person of [billing, member]) expect(codeOf(await make(person))).toBe('role_missing');
  expect(codeOf(await make(await sidecar.database.signUp()))).toBe('not_found');
  const past = { name: 'Past', scopes: ['verify'], expires_at: '2020-01-01T00:00:00Z' };
  for (const body of [past, { name: 'None', scopes: [] }, { name: 'Other', scopes: ['root'] }])
    expect(codeOf(await make(owner, body))).toBe('invalid_request');

  const answer = await replicas[0].ask('/read', secret);
  expect([answer.status, answer.body]).toEqual([200, { tenantId, keyId: key.id }]);
  await replicas[0].ask('/fails', secret);
  await replicas[1].ask('/write', secret, { tenant_id: 'not an id' });
  const middle = secret.slice(12, -4);
  const [kept] = await sidecar.database.sql`select (select string_agg(k::text, ' ') from api_keys k) as text`;
  for (const text of [list.text, logged.join(''), String(kept?.text)]) {
    expect(text).not.toContain(middle);
    expect(text).not.toContain(SIDECAR_KEYS.apiKeyPepper);
  }
  expect(logged.join('')).toContain('/fails');
});

test('unknown, malformed, expired, revoked and of a closed tenant: one answer, at every replica, from the next request on', async () => {
  const { sql } = sidecar.database;
  const { owner, path, tenantId, key, secret } = await makeTenant();
  const refusals: unknown[] = [];
  const refused = async (token: string) => {
    for (const replica of replicas) {
      const { status, body } = await replica.ask('/read', token);
      refusals.push([status, { ...body.error, request_id: '' }]);
    }
  };
  await refused(makeApiKey(true));
  await refused(`${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`);
  for (const replica of replicas) expect((await replica.ask('/read', secret)).status).toBe(200);
  expect((await sidecar.delete(`${path}/${key.id}`, { person: owner })).body).toMatchObject({
    key: { state: 'revoked' },
  });
  await refused(secret);
  expect((await sidecar.delete(`${path}/${key.id}`, { person: owner })).status).toBe(200);
  const over = await makeTenant(['usage:read'], {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  expect((await replicas[1].ask('/read', over.secret)).status).toBe(200);
  await sql`update api_keys set expires_at = now() where id = ${over.key.id}`;
  await refused(over.secret);
  const closed = await makeTenant();
  const body = { forfeit_seconds: 0 };
  expect(
    (await sidecar.post(`/tenants/${closed.tenantId}/close`, { person: closed.owner, body })).status,
  ).toBe(200);
  await refused(closed.secret);
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  expect(refusals[0]).toMatchObject([401, { code: 'not_signed_in' }]);
  // Where no key is taken, one opens nothing; and where a key is asked for, no person and no service key is one.
  expect(codeOf(await sidecar.get(`/tenants/${tenantId}`, { token: secret }))).toBe('not_signed_in');
  const service = sidecar.variables.SUPABASE_SERVICE_ROLE_KEY ?? '';
  const anon = sidecar.variables.SUPABASE_PUBLISHABLE_KEY ?? '';
  for (const token of [owner.accessToken, service, anon])
    expect((await replicas[0].ask('/read', token)).status).toBe(401);
});

test('a rotated key holds beside the new one until the time of grace is over', async () => {
  const { owner, billing, path, key, secret } = await makeTenant(['usage:read']);
  const rotate = (id: string, body?: object, person = owner) =>
    sidecar.post(`${path}/${id}/rotate`, { person, body });
  expect(codeOf(await rotate(key.id, {}, billing))).toBe('role_missing');
  const next = (await rotate(key.id, { grace_seconds: 60 })).body as Made;
  for (const token of [secret, next.secret]) expect((await replicas[0].ask('/read', token)).status).toBe(200);
  expect((await replicas[0].ask('/write', next.secret, {})).code).toBe('scope_missing');
  expect(codeOf(await rotate(key.id))).toBe('already_rotated');
  await sidecar.database.sql`update api_keys set grace_until = now() where id = ${key.id}`;
  expect((await replicas[1].ask('/read', secret)).status).toBe(401);
  expect(codeOf(await rotate(key.id))).toBe('not_found');
  const last = (await rotate(next.key.id, { grace_seconds: 0 })).body as Made;
  expect((await replicas[0].ask('/read', next.secret)).status).toBe(401);
  expect((await replicas[1].ask('/read', last.secret)).status).toBe(200);
});

test('of members and keys: a key names its tenant, a person the one in which their role suffices', async () => {
  const [ours, theirs] = [await makeTenant(['billing:write']), await makeTenant(['usage:write'])];
  const ask = (token: string, tenant_id?: string) => replicas[0].ask('/billing', token, { tenant_id });
  const { tenantId } = ours;
  const byKey = { tenantId, keyId: ours.key.id, userId: '' };
  expect((await ask(ours.secret)).body).toEqual(byKey);
  expect((await ask(ours.secret, tenantId.toUpperCase())).body).toEqual(byKey);
  expect((await ask(ours.secret, theirs.tenantId)).code).toBe('forbidden');
  expect((await ask(theirs.secret, theirs.tenantId)).code).toBe('scope_missing');
  expect(
    (await replicas[0].ask(`/billing?tenant_id=${theirs.tenantId}`, ours.secret, { tenant_id: tenantId }))
      .code,
  ).toBe('invalid_request');
  const { owner, billing, member } = ours;
  expect((await ask(billing.accessToken, tenantId)).body).toEqual({
    tenantId,
    userId: billing.id,
    role: 'billing',
  });
  expect((await ask(owner.accessToken, tenantId)).body).toMatchObject({ role: 'owner' });
  expect((await ask(member.accessToken, tenantId)).code).toBe('role_missing');
  expect((await ask(owner.accessToken, theirs.tenantId)).code).toBe('not_found');
  expect((await ask(owner.accessToken)).code).toBe('invalid_request');
});

test('the key of somebody who is frozen only looks; of somebody who left it holds, and the list says so', async () => {
  const { sql } = sidecar.database;
  const { owner, billing, path, secret } = await makeTenant();
  await sql`update users set frozen_at = now() where id = ${owner.id}`;
  expect((await replicas[0].ask('/read', secret)).status).toBe(200);
  expect((await replicas[0].ask('/write', secret, {})).code).toBe('account_frozen');
  await sql`update users set frozen_at = null where id = ${owner.id}`;
  expect((await replicas[0].ask('/write', secret, {})).status).toBe(200);
  await sql`update tenant_members set role = 'owner' where user_id = ${billing.id}`;
  await sql`delete from tenant_members where user_id = ${owner.id}`;
  expect((await replicas[1].ask('/read', secret)).status).toBe(200);
  expect((await sidecar.get(path, { person: billing })).body).toMatchObject({
    keys: [{ creator_left: true }],
  });
});
