import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CodeBatch, codeBatchesResponse, codeBatchResponse } from '../../shared/api/code-batches.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let operator: Person;
let colleague: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  operator = await sidecar.database.signUp();
  colleague = await sidecar.database.signUp();
  await sidecar.database
    .sql`update users set role = 'operator' where id in (${operator.id}, ${colleague.id})`;
});
afterEach(() => sidecar.expectSound());
afterAll(() => sidecar.close());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const ORDER = { kind: 'promo', minutes: 30, count: 3, expires_at: inDays(30), note: 'spring fair' };

const issue = (body: unknown = ORDER, key: string | null = randomUUID(), person = operator) =>
  sidecar.post('/admin/code-batches', {
    person,
    body,
    headers: key === null ? {} : { 'idempotency-key': key },
  });
const issued = async (body: unknown = ORDER): Promise<CodeBatch> => {
  const answer = await issue(body);
  expect(answer.status).toBe(201);
  return codeBatchResponse.parse(answer.body).batch;
};
const take = (batch: CodeBatch, person = operator) =>
  sidecar.get(`/admin/code-batches/${batch.id}/codes`, { person });
const revoke = (batch: CodeBatch, person = operator) =>
  sidecar.post(`/admin/code-batches/${batch.id}/revoke`, { person });
const codesOf = async (batch: CodeBatch) =>
  (await take(batch)).text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((row) => row.split(',')[0] ?? '');
const listed = async (id: string) => {
  const answer = await sidecar.get('/admin/code-batches', { person: colleague });
  return codeBatchesResponse.parse(answer.body).batches.find((batch) => batch.id === id);
};
const activate = (person: Person, code: string) => sidecar.post('/activate', { person, body: { code } });

test('codes are issued, exported once, and used like any other', async () => {
  const batch = await issued();
  expect(batch).toMatchObject({ kind: 'promo', seconds: 1800, count: 3, waiting: 3, exported_at: null });
  const file = await take(batch);
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename=codes-${batch.id}.csv`);
  expect(file.headers.get('cache-control')).toBe('no-store');
  const [head, ...rows] = file.text.trim().split('\r\n');
  expect(head).toBe('code,seconds,expires_at');
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^\w{4}-\w{4}-\w{4},1800,\d{4}-/);
  for (const person of [operator, colleague]) {
    const again = await take(batch, person);
    expect([again.status, codeOf(again)]).toEqual([410, 'codes_exported']);
  }
  expect(await listed(batch.id)).toMatchObject({ exported_by: operator.id, waiting: 3, activated: 0 });

  const [first = ''] = rows.map((row) => row.split(',')[0]);
  const person = await sidecar.database.signUp();
  const answer = await activate(person, first);
  expect(answer).toMatchObject({
    status: 200,
    body: { balance_seconds: 1800, gift: null, card: { source: 'bonus', remaining_seconds: 1800 } },
  });
  const { card } = answer.body as { card: { expires_at: string } };
  // A year from the activation, not from the issue, and not the last day of the code.
  expect(Math.abs(Date.parse(card.expires_at) - Date.now() - 365.25 * 86_400_000)).toBeLessThan(
    2 * 86_400_000,
  );
  expect(codeOf(await activate(await sidecar.database.signUp(), first))).toBe('code_used');
  expect(await listed(batch.id)).toMatchObject({ waiting: 2, activated: 1 });
});

test('of ten who export at once, one gets the codes', async () => {
  const batch = await issued();
  const answers = await Promise.all(Array.from({ length: 10 }, () => take(batch)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 410)).toHaveLength(9);
});

test('HEAD does not spend the export', async () => {
  const batch = await issued();
  const head = await fetch(`${sidecar.url}/admin/code-batches/${batch.id}/codes`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${operator.accessToken}` },
  });
  expect(head.status).toBe(404);
  expect((await take(batch)).status).toBe(200);
});

test('the same key issues a batch once, also when asked ten times at once', async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => issue(ORDER, key)));
  const bodies = answers.map(({ body }) => codeBatchResponse.parse(body));
  expect(new Set(bodies.map(({ batch }) => batch.id)).size).toBe(1);
  expect(bodies.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(bodies[0]?.batch.waiting).toBe(3);
  for (const change of [{ count: 4 }, { minutes: 31 }, { note: 'autumn fair' }, { kind: 'gift' }]) {
    const other = await issue({ ...ORDER, ...change }, key);
    expect([other.status, codeOf(other)]).toEqual([409, 'idempotency_key_reused']);
  }
  expect((await issue(ORDER, key, colleague)).body).toMatchObject({ replayed: false });
});

test('a batch of a package has its time, bonus included', async () => {
  const batch = await issued({
    ...ORDER,
    minutes: undefined,
    package_id: 'basic',
    kind: 'reseller',
    count: 1,
  });
  expect(batch).toMatchObject({ package_id: 'basic', seconds: 19_800 });
  const [code = ''] = await codesOf(batch);
  const person = await sidecar.database.signUp();
  expect((await activate(person, code)).body).toMatchObject({ card: { package_id: 'basic' } });
});

test('revoking takes back what nobody used, and nothing else, however often', async () => {
  const batch = await issued();
  const [used = '', unused = ''] = await codesOf(batch);
  const person = await sidecar.database.signUp();
  await activate(person, used);
  for (const by of [operator, colleague, operator]) {
    const answer = await revoke(batch, by);
    expect(answer).toMatchObject({
      status: 200,
      body: { batch: { activated: 1, revoked: 2, waiting: 0, revoked_at: expect.any(String) } },
    });
  }
  expect(await sidecar.balanceOf(person)).toBe(1800);
  const late = await activate(await sidecar.database.signUp(), unused);
  expect([late.status, codeOf(late)]).toEqual([409, 'code_revoked']);
  expect(codeOf(await activate(person, used))).toBe('code_used');
  const unexported = await issued();
  await revoke(unexported);
  expect(codeOf(await take(unexported))).toBe('code_revoked');
});

test('a code that meets its activation and its revocation at once ends as one of both', async () => {
  const batch = await issued({ ...ORDER, count: 20 });
  const codes = await codesOf(batch);
  const people = await Promise.all(codes.map(() => sidecar.database.signUp()));
  const [, ...answers] = await Promise.all([
    revoke(batch),
    ...codes.map((code, i) => activate(people[i] ?? operator, code)),
  ]);
  const outcomes = answers.map((answer) => (answer.status === 200 ? 'activated' : codeOf(answer)));
  const activated = outcomes.filter((outcome) => outcome === 'activated').length;
  expect(outcomes.filter((outcome) => outcome === 'code_revoked')).toHaveLength(20 - activated);
  expect(await listed(batch.id)).toMatchObject({ activated, revoked: 20 - activated, waiting: 0 });
});

test('past its last day a code answers like one that was taken back, and what it gave before stays', async () => {
  const batch = await issued();
  const [used = '', unused = ''] = await codesOf(batch);
  const person = await sidecar.database.signUp();
  await activate(person, used);
  const { sql } = sidecar.database;
  await sql`update activation_codes set usable_until = now() where card_id in
    (select card_id from code_batch_cards where batch_id = ${batch.id})`;
  await sql`update code_batches set created_at = now() - interval '2 days', usable_until = now()
    where id = ${batch.id}`;
  expect(codeOf(await activate(await sidecar.database.signUp(), unused))).toBe('code_revoked');
  expect(codeOf(await activate(person, used))).toBe('code_used');
  expect(await sidecar.balanceOf(person)).toBe(1800);
  expect(await listed(batch.id)).toMatchObject({ activated: 1, lapsed: 2, waiting: 0 });
});

test('a thousand codes come in one batch, and all differ', async () => {
  const codes = await codesOf(await issued({ ...ORDER, count: 1000 }));
  expect(new Set(codes).size).toBe(1000);
});

test('nobody else issues, sees, exports or revokes', async () => {
  const batch = await issued();
  const attacker = await sidecar.database.signUp();
  for (const answer of [
    await issue(ORDER, randomUUID(), attacker),
    await sidecar.get('/admin/code-batches', { person: attacker }),
    await take(batch, attacker),
    await revoke(batch, attacker),
  ]) {
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  }
  expect((await sidecar.get('/admin/code-batches')).status).toBe(401);
  const stranger = await attacker.client.from('code_batches').select('*');
  expect(stranger.error?.code).toBe('42501');
  const { service } = sidecar.database;
  for (const [name, args] of [
    ['list_code_batches', {}],
    ['export_code_batch', { p_batch_id: batch.id, p_export_id: randomUUID() }],
    ['revoke_code_batch', { p_batch_id: batch.id }],
  ] as const) {
    const { data } = await service.rpc(name, { p_operator_id: attacker.id, ...args } as never);
    expect(data).toEqual({ status: 'not_an_operator' });
  }
  expect(await listed(batch.id)).toMatchObject({ exported_at: null, waiting: 3 });
});

test.each([
  ['no time', { minutes: undefined }],
  ['two kinds of time', { package_id: 'basic' }],
  ['no codes', { count: 0 }],
  ['too many codes', { count: 1001 }],
  ['another kind', { kind: 'loyalty' }],
  ['no note', { note: ' ' }],
  ['a last day that is over', { expires_at: inDays(-1) }],
  ['a last day in another life', { expires_at: inDays(4000) }],
  ['no last day', { expires_at: undefined }],
])('refuses %s', async (_what, change) => {
  const answer = await issue({ ...ORDER, ...change });
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
});

test('needs a key, a package that is sold, and a batch that exists', async () => {
  expect(codeOf(await issue(ORDER, null))).toBe('idempotency_key_missing');
  const unsold = await issue({ ...ORDER, minutes: undefined, package_id: 'yacht' });
  expect([unsold.status, codeOf(unsold)]).toEqual([404, 'unknown_package']);
  const nothing = { id: randomUUID() } as CodeBatch;
  expect((await take(nothing)).status).toBe(404);
  expect((await revoke(nothing)).status).toBe(404);
});

test('who issued or exported codes cannot use one of them, and it costs no attempt', async () => {
  const batch = await issued();
  const [first = ''] = (await take(batch, colleague)).text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((row) => row.split(',')[0]);
  for (const person of [operator, colleague]) {
    const answer = await activate(person, first);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'own_code']);
  }
  expect((await activate(await sidecar.database.signUp(), first)).status).toBe(200);
});
