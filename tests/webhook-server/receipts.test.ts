import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsResponse, receiptResponse } from '../../shared/api/receipts.ts';
import { receiptDocument } from '../../webhook-server/calls/receipt-document.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let caller: Person;
let stranger: Person;
const settled: string[] = [];
let open: string;

const WINDOWS = [
  { reason: 'connecting', billed: false, from_ms: 0, to_ms: 900 },
  { reason: 'talking', billed: true, from_ms: 900, to_ms: 76_549 },
  { reason: '<script>alert("x")</script>', billed: false, from_ms: 76_549, to_ms: 80_000 },
];

async function openCall(person: Person): Promise<string> {
  const callId = randomUUID();
  const args = {
    p_call_id: callId,
    p_user_id: person.id,
    p_room_name: `call-${callId}`,
    p_slice_seconds: 90,
  };
  await sidecar.database.service.rpc('open_call', args);
  return callId;
}

async function settledCall(person: Person, reason = 'time_used_up'): Promise<string> {
  const callId = await openCall(person);
  const end = { p_call_id: callId, p_epoch: 1, p_end_reason: reason };
  const used = { p_used_ms: 76_249, p_restored_ms: 600, p_windows: WINDOWS };
  await sidecar.database.service.rpc('settle_call', { ...end, ...used });
  return callId;
}

beforeAll(async () => {
  sidecar = await startSidecar();
  caller = await sidecar.database.signUp();
  stranger = await sidecar.database.signUp();
  await sidecar.buy(caller, 'basic');
  await sidecar.buy(stranger);
  for (let i = 0; i < 4; i++) settled.push(await settledCall(caller));
  open = await openCall(caller);
  await settledCall(stranger);
});
afterAll(() => sidecar.close());

const list = async (query = '') => {
  const answer = await sidecar.get(`/user/${caller.id}/calls${query}`, { person: caller });
  expect(answer.status).toBe(200);
  return callsResponse.parse(answer.body);
};
const receiptPath = (callId: string | undefined, person = caller) =>
  `/user/${person.id}/calls/${callId}/receipt`;
const ask = (callId: string | undefined, headers: Record<string, string> = {}, query = '') =>
  sidecar.get(receiptPath(callId) + query, { person: caller, headers });

test('lists own calls, newest first', async () => {
  const { calls, next } = await list();
  expect(calls.map(({ call_id }) => call_id)).toEqual([open, ...settled.toReversed()]);
  expect(next).toBeNull();
  expect(calls[0]).toEqual({
    call_id: open,
    tenant_id: null,
    opened_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    ended_at: null,
    status: 'open',
    end_reason: null,
    charged_seconds: null,
    receipt_number: null,
    turns: null,
    latency_p50_ms: null,
    quality: null,
  });
  expect(calls[1]).toMatchObject({
    status: 'settled',
    end_reason: 'time_used_up',
    charged_seconds: 75,
    receipt_number: 4,
  });
});

test.each([1, 2, 3])(
  'pages of %i neither repeat nor skip a call, though one begins meanwhile',
  async (limit) => {
    const { sql } = sidecar.database;
    // Two that began at once.
    await sql`update calls set opened_at = (select opened_at from voice_sessions where id = ${settled[2] ?? ''})
    where id = ${settled[1] ?? ''}`;
    const all = (await list()).calls.map(({ call_id }) => call_id);
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page = await list(`?limit=${limit}${before === null ? '' : `&before=${before}`}`);
      if (before === null) await settledCall(caller);
      seen.push(...page.calls.map(({ call_id }) => call_id));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual(all);
  },
);

test.each(['?limit=0', '?limit=101', '?limit=x', '?before=x', '?page=2', '?limit=1&limit=2'])(
  'refuses %s',
  async (query) => {
    const answer = await sidecar.get(`/user/${caller.id}/calls${query}`, { person: caller });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  },
);

test('a receipt as JSON is the one that was stored, for whoever checks its hash', async () => {
  const answer = await ask(settled[1]);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('vary')?.toLowerCase()).toContain('accept');
  const [row] = await sidecar.database.sql`select receipt from voice_sessions where id = ${settled[1] ?? ''}`;
  expect(answer.body).toEqual(row?.receipt);
  expect(receiptResponse.parse(answer.body)).toEqual(answer.body);
  expect(answer.body).toMatchObject({ number: 2, used_ms: 76_249, restored_ms: 600, charged_seconds: 75 });
});

test.each([
  ['nothing said', {}, '', 'application/json'],
  ['JSON asked for', { accept: 'application/json' }, '', 'application/json'],
  ['anything', { accept: '*/*' }, '', 'application/json'],
  ['a browser', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, '', 'text/html'],
  ['html by name', {}, '?format=html', 'text/html'],
  ['json by name', { accept: 'text/html' }, '?format=json', 'application/json'],
])('%s: %j%s gets %s', async (_who, headers, query, type) => {
  const answer = await ask(settled[0], headers as Record<string, string>, query);
  expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
});

test('a receipt as a document says all that counts, in words, and runs nothing', async () => {
  const { text } = await ask(settled[1], { accept: 'text/html' });
  for (const words of [
    'Receipt no. 2',
    'Your time was used up.',
    'Connecting',
    'Talking',
    '0:00.9',
    '1:16.5',
    '75.649 s',
    '0.600 s',
    'down to whole seconds, once per call',
    '1 min 15 s (75 s)',
    '75 s: 0 s paid, 75 s bonus',
    'basic (bought)',
    '$44.99 for 5 h 30 min',
    'by slices of at most 90 s',
  ]) {
    expect(text).toContain(words);
  }
  const { hash, previous_hash } = receiptResponse.parse((await ask(settled[1])).body);
  expect(text).toContain(hash);
  expect(text).toContain(previous_hash);
  expect(text).not.toMatch(/<script|javascript:|\bon\w+=|https?:\/\/|url\(/i);
  expect(text).toContain('&lt;script&gt;');
});

test('a receipt that the reaper wrote says so', async () => {
  const callId = await openCall(caller);
  const { sql, service } = sidecar.database;
  await service.rpc('renew_call', { p_call_id: callId, p_epoch: 1, p_used_ms: 4_200 });
  await sql`update holds set lease_expires_at = now() - interval '1 second' where id = ${callId}`;
  await service.rpc('reap_calls');
  const { text } = await ask(callId, {}, '?format=html');
  expect(text).toContain('The call broke off on our side.');
  expect(text).toContain('what happened when is not known');
});

test('a call without a charge has a receipt, too', async () => {
  const stored = receiptResponse.parse((await ask(settled[0])).body);
  const text = receiptDocument({ ...stored, cards: [], windows: [], charged_seconds: 0 });
  expect(text).toContain('nothing was charged');
  expect(text).toContain('Nothing was recorded.');
});

test('a live call has no receipt yet', async () => {
  for (const query of ['', '?format=html']) {
    const answer = await ask(open, {}, query);
    expect([answer.status, codeOf(answer)]).toEqual([409, 'call_in_progress']);
  }
});

test("somebody else's call is as unknown as one that never was", async () => {
  const own = await sidecar.get(`/user/${stranger.id}/calls`, { person: stranger });
  const [theirs] = callsResponse.parse(own.body).calls;
  const answers = [await ask(theirs?.call_id), await ask(randomUUID())];
  for (const answer of answers) expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
  expect(answers[0]?.text.replace(/"request_id":"[^"]*"/, '')).toBe(
    answers[1]?.text.replace(/"request_id":"[^"]*"/, ''),
  );
  const before = await sidecar.get(`/user/${caller.id}/calls?before=${theirs?.call_id}`, { person: caller });
  expect([before.status, codeOf(before)]).toEqual([400, 'invalid_request']);
});

test('only to their owner', async () => {
  for (const path of [`/user/${caller.id}/calls`, receiptPath(settled[0])]) {
    const others = await sidecar.get(path, { person: stranger });
    expect([others.status, codeOf(others)]).toEqual([403, 'forbidden']);
    expect((await sidecar.get(path)).status).toBe(401);
  }
  expect((await ask('not-a-uuid')).status).toBe(400);
  expect((await ask(settled[0], {}, '?format=pdf')).status).toBe(400);
});
