import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_KEYS } from '../support/keys.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addTenant, toolCall } from './usage.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

const token = TEST_KEYS.secretKey;
const today = new Date().toISOString().slice(0, 10);
const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

test('a service reports what somebody used, and they see it at once', async () => {
  const { signUp } = sidecar.database;
  const [person, owner] = [await signUp(), await signUp()];
  const tenantId = await addTenant(sidecar.database.sql, [owner.id, person.id]);
  const events = [
    toolCall(),
    { ...toolCall({ kind: 'llm_output_token', quantity: 70, model: 'm-1' }), tool: undefined },
  ];
  const report = (body: object) => sidecar.post('/usage/track', { token, body });
  const body = { user_id: person.id, tenant_id: tenantId, events };
  expect((await report(body)).body).toEqual({
    events: events.map(({ key }) => ({ key, status: 'recorded' })),
  });
  expect((await report(body)).body).toMatchObject({
    events: [{ status: 'duplicate' }, { status: 'duplicate' }],
  });
  expect((await report({ ...body, events: [{ ...events[0], quantity: 9 }] })).body).toMatchObject({
    events: [{ status: 'conflict' }],
  });
  const summary = async (reader: typeof person, query: string) =>
    (await sidecar.get(`/usage/summary?from=${today}&to=${tomorrow}&${query}`, { person: reader })).body;
  const rows = [
    {
      kind: 'llm_output_token',
      unit: 'token',
      quantity: 70,
      events: 1,
      price_micros: 0,
      events_without_price: 1,
      currency: 'usd',
    },
    {
      kind: 'tool_call',
      unit: 'call',
      quantity: 1,
      events: 1,
      price_micros: 0,
      events_without_price: 1,
      currency: 'usd',
    },
  ];
  expect(await summary(owner, `by=kind&tenant_id=${tenantId}`)).toEqual({ scope: 'tenant', rows });
  expect(await summary(person, `by=kind&tenant_id=${tenantId}`)).toEqual({ scope: 'own', rows });
  expect(await summary(person, 'by=kind')).toEqual({ scope: 'own', rows: [] });
  expect(await summary(owner, `by=person&tenant_id=${tenantId}`)).toMatchObject({
    rows: [{ user_id: person.id }, { user_id: person.id }],
  });
});

test('who uses something does not say what it comes to, and who does not belong sees nothing', async () => {
  const [person, owner] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  const tenantId = await addTenant(sidecar.database.sql, [owner.id]);
  const body = { user_id: person.id, events: [toolCall()] };
  expect(codeOf(await sidecar.post('/usage/track', { person, body }))).toBe('forbidden');
  expect(codeOf(await sidecar.post('/usage/track', { body }))).toBe('not_signed_in');
  expect(codeOf(await sidecar.post('/usage/track', { token, body: { ...body, tenant_id: tenantId } }))).toBe(
    'forbidden',
  );
  expect(
    codeOf(await sidecar.post('/usage/track', { token, body: { ...body, user_id: crypto.randomUUID() } })),
  ).toBe('unknown_user');
  const path = `/usage/summary?from=${today}&to=${tomorrow}&by=day`;
  expect(codeOf(await sidecar.get(path))).toBe('not_signed_in');
  expect(codeOf(await sidecar.get(`${path}&tenant_id=${tenantId}`, { person }))).toBe('not_found');
  expect(codeOf(await sidecar.get(`/usage/summary?from=${today}&to=${today}&by=day`, { person }))).toBe(
    'invalid_request',
  );
});

test.each<[string, object | null]>([
  ['a batch of none', { events: [] }],
  ['a batch of too many', { events: Array.from({ length: 101 }, () => toolCall()) }],
  ['a field nobody knows', { price: 1 }],
  ['words of a caller', { events: [toolCall({ metadata: { said: 'I would like' } })] }],
  ['a quantity beyond all', { events: [toolCall({ quantity: 1e12 })] }],
  ['no time', { events: [toolCall({ occurred_at: 'now' })] }],
])('%s is refused in words', async (_what, wrong) => {
  const { id } = await sidecar.database.signUp();
  const answer = await sidecar.post('/usage/track', {
    token,
    body: { user_id: id, events: [toolCall()], ...wrong },
  });
  expect(answer.status).toBe(400);
  expect(codeOf(answer)).toBe('invalid_request');
});
