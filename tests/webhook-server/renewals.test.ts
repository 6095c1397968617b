import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RenewalAnswer, renewalAnswer } from '../../shared/api/renewals.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { type Answer, codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addPerson, giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
beforeEach(async () => {
  sidecar = await startSidecar({ config: { RENEWAL_BATCH_MS: 50 } });
});
afterEach(() => sidecar.close());

const PATH = '/internal/renewals';
const key = TEST_KEYS.secretKey;
const renew = (body: unknown): Promise<Answer> => sidecar.post(PATH, { token: key, body });

async function openCall(seconds = 3600): Promise<{ callId: string; userId: string }> {
  const { sql, service } = sidecar.database;
  const userId = await addPerson(sql);
  await giveTime(sql, userId, seconds);
  const callId = randomUUID();
  await service.rpc('open_call', { p_call_id: callId, p_user_id: userId, p_room_name: `call-${callId}` });
  return { callId, userId };
}

async function batchSizes(): Promise<{ count: number; sum: number }> {
  const text = await sidecar.deps.metrics.registry.metrics();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return {
    count: figure('mindbot_renewal_batch_size_count'),
    sum: figure('mindbot_renewal_batch_size_sum'),
  };
}

async function statements(): Promise<number> {
  return (await batchSizes()).count;
}

test('many calls are renewed by one statement, each with its own answer', async () => {
  const calls = await Promise.all(Array.from({ length: 40 }, () => openCall()));
  const answers = await Promise.all(
    calls.map(({ callId }, i) => renew({ call_id: callId, epoch: 1, used_ms: i * 100, restored_ms: 0 })),
  );
  answers.forEach((answer, i) => {
    expect(answer.status).toBe(200);
    expect(renewalAnswer.parse(answer.body)).toEqual({
      call_id: calls[i]?.callId,
      status: 'renewed',
      epoch: 1,
      granted_seconds: 30 + Math.ceil(i / 10),
      free_seconds: 3570 - Math.ceil(i / 10),
      live_calls: 1,
      final: false,
    });
  });
  expect((await batchSizes()).sum).toBe(40);
  expect(await statements()).toBeLessThan(10);
  await sidecar.expectSound();
});

test('refusals are answers: fenced, settled, unknown', async () => {
  const [fenced, settled] = [await openCall(), await openCall()];
  const { service } = sidecar.database;
  await service.rpc('settle_call', {
    p_call_id: settled.callId,
    p_epoch: 1,
    p_used_ms: 100,
    p_end_reason: 'x',
  });
  const unknown = randomUUID();
  const report = { epoch: 1, used_ms: 5000, restored_ms: 0 };
  const answers = await Promise.all([
    renew({ ...report, call_id: fenced.callId, epoch: 2 }),
    renew({ ...report, call_id: settled.callId }),
    renew({ ...report, call_id: unknown }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(({ body }) => body)).toEqual([
    { call_id: fenced.callId, status: 'fenced', epoch: 1 },
    { call_id: settled.callId, status: 'call_settled', epoch: 1 },
    { call_id: unknown, status: 'unknown_call', epoch: null },
  ]);
});

test('one call twice at once: both are answered, and the larger counters count', async () => {
  const { callId } = await openCall();
  const [first, second] = await Promise.all([
    renew({ call_id: callId, epoch: 1, used_ms: 7000, restored_ms: 0 }),
    renew({ call_id: callId.toUpperCase(), epoch: 1, used_ms: 4000, restored_ms: 900 }),
  ]);
  expect(first?.body).toMatchObject({ status: 'renewed', granted_seconds: 37 });
  expect(second?.body).toEqual(first?.body);
  const [row] = await sidecar.database
    .sql`select used_ms::int, restored_ms::int from voice_sessions where id = ${callId}`;
  expect(row).toEqual({ used_ms: 7000, restored_ms: 900 });
});

test('a worker that was replaced is fenced, and never its successor, though both report at once', async () => {
  const { callId, userId } = await openCall();
  const again = { p_call_id: callId, p_user_id: userId, p_room_name: `call-${callId}` };
  await sidecar.database.service.rpc('open_call', { ...again, p_worker_id: 'the successor' });
  const [stale, own] = await Promise.all([
    renew({ call_id: callId, epoch: 1, used_ms: 25_000, restored_ms: 0 }),
    renew({ call_id: callId, epoch: 2, used_ms: 3000, restored_ms: 0 }),
  ]);
  expect(stale?.body).toMatchObject({ status: 'fenced', epoch: 2 });
  expect(own?.body).toMatchObject({ status: 'renewed', granted_seconds: 33 });
});

test('without the key nothing is renewed, and nothing about a call is told', async () => {
  const { callId } = await openCall();
  const body = { call_id: callId, epoch: 1, used_ms: 9000, restored_ms: 0 };
  const person = await sidecar.database.signUp();
  const answers = [
    await sidecar.post(PATH, { body }),
    await sidecar.post(PATH, { body, person }),
    await sidecar.post(PATH, { body, token: TEST_KEYS.publishableKey }),
    await sidecar.post(PATH, { body, token: `${key}x` }),
    await sidecar.post(PATH, { body, token: key.slice(0, -1) }),
    await sidecar.post(PATH, { body, headers: { authorization: `Basic ${key}` } }),
    await sidecar.post(PATH, { raw: 'not json', headers: { 'content-type': 'application/json' } }),
  ];
  for (const answer of answers) expect([answer.status, codeOf(answer)]).toEqual([401, 'not_signed_in']);
  const [row] = await sidecar.database
    .sql`select used_ms::int, renewals from voice_sessions where id = ${callId}`;
  expect(row).toEqual({ used_ms: 0, renewals: 1 });
});

test.each([
  ['no call', { epoch: 1, used_ms: 1, restored_ms: 0 }],
  ['no uuid', { call_id: 'x', epoch: 1, used_ms: 1, restored_ms: 0 }],
  ['an epoch that no integer holds', { call_id: randomUUID(), epoch: 3e9, used_ms: 1, restored_ms: 0 }],
  ['a fraction', { call_id: randomUUID(), epoch: 1, used_ms: 1.5, restored_ms: 0 }],
  ['a negative counter', { call_id: randomUUID(), epoch: 1, used_ms: -1, restored_ms: 0 }],
  ['a figure in words', { call_id: randomUUID(), epoch: 1, used_ms: '1', restored_ms: 0 }],
  ['more than is asked', { call_id: randomUUID(), epoch: 1, used_ms: 1, restored_ms: 0, user_id: 'x' }],
])('what is malformed spoils no batch: %s', async (_what, body) => {
  const { callId } = await openCall();
  const [bad, good] = await Promise.all([
    renew(body),
    renew({ call_id: callId, epoch: 1, used_ms: 1000, restored_ms: 0 }),
  ]);
  expect([bad?.status, codeOf(bad as Answer)]).toEqual([400, 'invalid_request']);
  expect(good?.body).toMatchObject({ status: 'renewed' });
});

test('a batch that fails answers all who wait, and the next one goes on', async () => {
  const calls = await Promise.all(Array.from({ length: 10 }, () => openCall()));
  const { sql } = sidecar.database;
  const renewAll = () =>
    Promise.all(
      calls.map(({ callId }) => renew({ call_id: callId, epoch: 1, used_ms: 500, restored_ms: 0 })),
    );
  await sql`revoke execute on function renew_calls(uuid[], int[], bigint[], bigint[]) from service_role`;
  for (const answer of await renewAll()) {
    expect([answer.status, codeOf(answer)]).toEqual([500, 'internal']);
  }
  const text = await sidecar.deps.metrics.registry.metrics();
  expect(text).toMatch(/^mindbot_renewal_batches_failed_total [1-9]/m);
  await sql`grant execute on function renew_calls(uuid[], int[], bigint[], bigint[]) to service_role`;
  for (const answer of await renewAll()) {
    expect((answer.body as RenewalAnswer).status).toBe('renewed');
  }
  await sidecar.expectSound();
});

test('a statement that hangs is given up before the workers are', async () => {
  const [stuck, free] = [await openCall(), await openCall()];
  const { sql } = sidecar.database;
  await sql.begin(async (blocking) => {
    await blocking`select 1 from accounts where id = ${stuck.userId} for update`;
    const report = { epoch: 1, used_ms: 2000, restored_ms: 0 };
    const hung = renew({ ...report, call_id: stuck.callId });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const other = await renew({ ...report, call_id: free.callId });
    expect(other.body).toMatchObject({ status: 'renewed' });
    const answer = await hung;
    expect([answer.status, codeOf(answer)]).toEqual([503, 'database_unavailable']);
  });
  await sidecar.expectSound();
});
