import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { goodwillResponse } from '../../shared/api/goodwill.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let operator: Person;
let colleague: Person;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  operator = await sidecar.database.signUp();
  colleague = await sidecar.database.signUp();
  await sidecar.database
    .sql`update users set role = 'operator' where id in (${operator.id}, ${colleague.id})`;
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterEach(() => sidecar.expectSound());
afterAll(() => sidecar.close());

const GRANT = { seconds: 600, reason: 'the call broke off on 3 May' };
function give(
  options: { by?: Person; to?: string; body?: unknown; key?: string | null; token?: string } = {},
) {
  const { by = operator, to = person.id, body = GRANT, key = randomUUID(), token } = options;
  return sidecar.post(`/operator/users/${to}/goodwill`, {
    ...(token === undefined ? { person: by } : { token }),
    body,
    headers: key === null ? {} : { 'idempotency-key': key },
  });
}
const grants = () => sidecar.database.sql`
  select g.operator_id, g.reason, c.user_id, c.bonus_seconds as seconds from goodwill_grants g
  join time_cards c on c.id = g.card_id where c.user_id in (${person.id}, ${operator.id}, ${colleague.id})`;

test('an operator gives time with a reason, and it can be talked away', async () => {
  const answer = await give();
  expect(answer.status).toBe(201);
  expect(goodwillResponse.parse(answer.body)).toMatchObject({ seconds: 600, replayed: false });
  expect(await sidecar.balanceOf(person)).toBe(600);
  expect(await grants()).toEqual([
    { operator_id: operator.id, reason: GRANT.reason, user_id: person.id, seconds: 600 },
  ]);
  const balance = await sidecar.get(`/user/${person.id}/balance`, { person });
  expect(balance.body).toMatchObject({ cards: [{ source: 'goodwill', remaining_seconds: 600 }] });
});

test('the same key gives it once, also when asked ten times at once', async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => give({ key })));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  const bodies = answers.map(({ body }) => goodwillResponse.parse(body));
  expect(new Set(bodies.map(({ card_id }) => card_id)).size).toBe(1);
  expect(bodies.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await sidecar.balanceOf(person)).toBe(600);
});

test('a key is for one grant: not for more time, nor for somebody else', async () => {
  const key = randomUUID();
  await give({ key });
  const another = await sidecar.database.signUp();
  for (const answer of [
    await give({ key, body: { ...GRANT, seconds: 601 } }),
    await give({ key, to: another.id }),
  ]) {
    expect([answer.status, codeOf(answer)]).toEqual([409, 'idempotency_key_reused']);
  }
  expect(await sidecar.balanceOf(person)).toBe(600);
  expect(await sidecar.balanceOf(another)).toBe(0);
});

test('two operators who use the same key do not meet', async () => {
  const key = 'ticket 17';
  expect((await give({ key })).body).toMatchObject({ replayed: false });
  expect((await give({ key, by: colleague })).body).toMatchObject({ replayed: false });
  expect(await sidecar.balanceOf(person)).toBe(1200);
});

test('nobody else gives time: neither to others nor to themselves', async () => {
  const attacker = await sidecar.database.signUp();
  for (const to of [attacker.id, person.id, operator.id]) {
    const answer = await give({ by: attacker, to });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  }
  expect((await give({ by: attacker, to: randomUUID() })).status).toBe(403);
  const replay = randomUUID();
  await give({ key: replay });
  expect((await give({ by: attacker, to: attacker.id, key: replay })).status).toBe(403);
  expect((await give({ by: attacker, key: `${operator.id}:${replay}` })).status).toBe(403);
  expect(await sidecar.balanceOf(attacker)).toBe(0);
  expect((await give({ token: 'forged' })).status).toBe(401);
  expect((await sidecar.post(`/operator/users/${person.id}/goodwill`, { body: GRANT })).status).toBe(401);
});

test('what a token says of roles counts for nothing, and a role that is taken away ends at once', async () => {
  const { client } = await sidecar.database.signUpByForm();
  await client.auth.updateUser({ data: { role: 'operator', user_role: 'operator' } });
  const { data } = await client.auth.refreshSession();
  const token = data.session?.access_token ?? '';
  expect((await give({ token, to: colleague.id })).status).toBe(403);
  const former = await sidecar.database.signUp();
  const { sql } = sidecar.database;
  await sql`update users set role = 'operator' where id = ${former.id}`;
  expect((await give({ by: former })).status).toBe(201);
  await sql`update users set role = 'caller' where id = ${former.id}`;
  expect((await give({ by: former })).status).toBe(403);
});

test('an operator gives nothing to themselves', async () => {
  for (const to of [operator.id, operator.id.toUpperCase()]) {
    const answer = await give({ to });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  }
  expect(await sidecar.balanceOf(operator)).toBe(0);
});

test.each([
  ['no seconds', { reason: 'x' }],
  ['none', { seconds: 0, reason: 'x' }],
  ['less than none', { seconds: -600, reason: 'x' }],
  ['a fraction', { seconds: 0.5, reason: 'x' }],
  ['more than 100 hours', { seconds: 360_001, reason: 'x' }],
  ['no reason', { seconds: 60 }],
  ['a blank reason', { seconds: 60, reason: '  ' }],
  ['too long a reason', { seconds: 60, reason: 'x'.repeat(501) }],
  ['somebody else as operator', { seconds: 60, reason: 'x', operator_id: randomUUID() }],
])('refuses %s', async (_what, body) => {
  const answer = await give({ body });
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  expect(await grants()).toEqual([]);
});

test('needs a key, and a person who exists', async () => {
  for (const key of [null, 'x'.repeat(201)]) {
    const answer = await give({ key });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'idempotency_key_missing']);
  }
  expect((await give({ key: 'x'.repeat(200) })).status).toBe(201);
  const answer = await give({ to: randomUUID() });
  expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
  expect((await give({ to: 'x' })).status).toBe(400);
});

test('nothing is given to who was deleted, and what was given before is told again', async () => {
  const key = randomUUID();
  expect((await give({ key })).status).toBe(201);
  await sidecar.database.sql`delete from auth.users where id = ${person.id}`;
  const answer = await give();
  expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
  expect(goodwillResponse.parse((await give({ key })).body).replayed).toBe(true);
});
