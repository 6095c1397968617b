import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actsResponse, boardNowResponse } from '../../shared/api/board-people.ts';
import { boardSupportResponse } from '../../shared/api/board-support.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let operator: Person;
let colleague: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  [operator, colleague] = [await sidecar.database.signUp(), await sidecar.database.signUp()];
  await sidecar.database
    .sql`update users set role = 'operator' where id in (${operator.id}, ${colleague.id})`;
});
afterAll(async () => {
  await sidecar.expectSound();
  await sidecar.close();
});

const now = async () =>
  boardNowResponse.parse((await sidecar.get('/operator/board/now', { person: operator })).body);
const post = (path: string, body: object, person = operator) => sidecar.post(path, { person, body });
const acts = async (subject: string) =>
  actsResponse
    .parse((await sidecar.get('/operator/board/acts', { person: operator })).body)
    .acts.filter((act) => act.subject === subject)
    .map(({ act, reason, operator_email }) => [act, reason, operator_email]);

/** Jobs that were given up. */
async function givenUp(count: number): Promise<string[]> {
  const { sql } = sidecar.database;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const key = `notice:test:${randomUUID()}`;
    await sql`select private.enqueue('notice', ${key}, '{"notice": "none"}', now() + interval '1 day')`;
    const [row] =
      await sql`update pgboss.job set state = 'failed', completed_on = now(), output = '{"message": "no such mailbox"}'
      where name = 'notice' and singleton_key = ${key} returning id`;
    ids.push(String(row?.id));
  }
  return ids;
}

test('a job that was given up is seen, and taken up again or dropped for a reason, by one of two operators', async () => {
  const [first = '', second = '', third = ''] = await givenUp(3);
  const seen = (await now()).given_up.filter(({ id }) => [first, second].includes(id));
  expect(seen.map(({ last_error }) => last_error)).toEqual(['no such mailbox', 'no such mailbox']);
  const drop = `/operator/outbox/${first}/drop`;
  expect(codeOf(await post(drop, {}))).toBe('invalid_request');
  const answers = await Promise.all(
    [operator, colleague].map((by) => post(drop, { reason: 'mailbox is gone' }, by)),
  );
  expect(answers.map(({ body }) => (body as { status: string }).status).toSorted()).toEqual([
    'done',
    'dropped',
  ]);
  expect((await acts(first)).map(([act, reason]) => [act, reason])).toEqual([
    ['drop_job', 'mailbox is gone'],
  ]);
  expect((await post(`/operator/outbox/${second}/retry`, { reason: 'mended' })).body).toEqual({
    status: 'retried',
  });
  expect(await acts(second)).toEqual([['retry_job', 'mended', operator.email]]);
  expect((await now()).given_up.map(({ id }) => id)).not.toContain(first);
  // Who lost the role while the page is open does nothing more, and it is not noted.
  await sidecar.database.sql`update users set role = 'caller' where id = ${colleague.id}`;
  expect(codeOf(await post(`/operator/outbox/${third}/drop`, { reason: 'x' }, colleague))).toBe('forbidden');
  expect(codeOf(await sidecar.get('/operator/board/now', { person: colleague }))).toBe('forbidden');
  await sidecar.database.sql`update users set role = 'operator' where id = ${colleague.id}`;
  expect(await acts(third)).toEqual([]);
  await post(`/operator/outbox/${third}/drop`, { reason: 'cleared' });
  await sidecar.database.sql`update pgboss.job set state = 'cancelled' where id = ${second}`;
});

test('workers are seen by what they told last: places, load, silence, and nobody who answers', async () => {
  const { sql } = sidecar.database;
  const tell = async (id: string, report: object) =>
    (await sql`select report_worker(${id}, ${sql.json(report as never)}) ->> 'status' as status`)[0]?.status;
  const report = { name: 'a:1', release: '1.2', state: 'open', calls: 3, seats: 7, load_percent: 43 };
  const [open, full, dead] = [randomUUID(), randomUUID(), randomUUID()];
  expect((await now()).alarms.map(({ alarm }) => alarm)).toContain('nobody_answers');
  expect(await tell(open, report)).toBe('noted');
  expect(await tell(full, { ...report, name: 'b:1', state: 'full', seats: null })).toBe('noted');
  expect(await tell(dead, { ...report, name: 'c:1' })).toBe('noted');
  await sql`update private.workers set reported_at = now() - interval '45 seconds' where id = ${dead}`;
  for (const bad of [
    [],
    { ...report, calls: -1 },
    { ...report, calls: 'many' },
    { ...report, state: 'well' },
    { ...report, name: '' },
  ])
    expect(await tell(open, bad)).toBe('invalid_report');
  const { alarms, workers } = await now();
  expect(workers).toMatchObject([
    { ...report, worker_id: open, is_silent: false },
    { name: 'b:1', state: 'full', seats: null, is_silent: false },
    { name: 'c:1', is_silent: true },
  ]);
  expect(workers[2]?.reported_seconds_ago).toBeGreaterThanOrEqual(45);
  expect(alarms).toContainEqual({ alarm: 'workers_silent', count: 1, detail: 'c:1' });
  expect(alarms.map(({ alarm }) => alarm)).not.toContain('nobody_answers');
  // One that ends is gone; one that was killed is forgotten after an hour.
  await tell(open, { state: 'gone' });
  await sql`update private.workers set reported_at = now() - interval '61 minutes' where id = ${dead}`;
  await tell(full, { ...report, name: 'b:1', state: 'draining' });
  const after = await now();
  expect(after.workers.map(({ name }) => name)).toEqual(['b:1']);
  expect(after.alarms.map(({ alarm }) => alarm)).toContain('nobody_answers');
  await tell(full, { state: 'gone' });
});

test('a parked event is applied again for a reason', async () => {
  const { sql } = sidecar.database;
  const id = `evt_${randomUUID()}`;
  await sql`insert into stripe_events (id, type, object_id, status, outcome) values (${id}, 'refund.updated', 're_none', 'parked', 'parked')`;
  const path = `/operator/stripe-events/${id}/replay`;
  expect(codeOf(await post(path, { reason: 'x'.repeat(501) }))).toBe('invalid_request');
  expect((await post(path, { reason: 'the cause is mended' })).body).toEqual({ outcome: 'not_ours' });
  expect(await acts(id)).toEqual([['replay', 'the cause is mended', operator.email]]);
});

test('codes leave once and are taken back, each for a reason, and stand in the log once', async () => {
  const body = {
    kind: 'promo',
    minutes: 10,
    count: 3,
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
    note: 'spring',
  };
  const issued = await sidecar.post('/admin/code-batches', {
    person: operator,
    body,
    headers: { 'idempotency-key': randomUUID() },
  });
  const { id } = (issued.body as { batch: { id: string } }).batch;
  expect(codeOf(await post(`/admin/code-batches/${id}/export`, {}))).toBe('invalid_request');
  const answers = await Promise.all(
    [operator, colleague].map((by) =>
      post(`/admin/code-batches/${id}/export`, { reason: 'for the shop' }, by),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410]);
  await post(`/admin/code-batches/${id}/revoke`, { reason: 'the file was lost' });
  await post(`/admin/code-batches/${id}/revoke`, { reason: 'again' });
  expect((await acts(id)).map(([act, reason]) => [act, reason])).toEqual([
    ['revoke_codes', 'the file was lost'],
    ['export_codes', 'for the shop'],
    ['issue_codes', 'spring'],
  ]);
});

test('figures of support are there over the API, and their requests', async () => {
  const range = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}`;
  const read = (path: string) => sidecar.get(`/operator/board/${path}`, { person: operator });
  boardSupportResponse.parse((await read(`support?${range}&step=hour&zone=Asia/Tokyo`)).body);
  expect((await read(`requests?${range}&about=call`)).body).toEqual({ requests: [] });
  expect((await read(`requests?${range}&about=nothing`)).status).toBe(400);
});
