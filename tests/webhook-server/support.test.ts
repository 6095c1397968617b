import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  askForHelpResponse,
  operatorRequestResponse,
  ratingResponse,
  supportFiguresResponse,
  supportResponse,
} from '../../shared/api/support.ts';
import { sendNotice } from '../../webhook-server/notices/send-notice.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { type Bank, createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
let bank: Bank;
let operator: Person;
let person: Person;
let callId: string;
beforeAll(async () => {
  sidecar = await startSidecar({
    config: { SUPPORT_EMAIL: 'help@mindbot.example', PUBLIC_URL: 'https://mindbot.example' },
  });
  bank = createBank(overSql(sidecar.database.sql));
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
  callId = await talked(person);
});

/** A call that is over. */
async function talked(by: Person): Promise<string> {
  const id = randomUUID();
  await giveTime(sidecar.database.sql, by.id, 100);
  await bank.open(by.id, { callId: id });
  await bank.settle(id, 1, 5_000);
  return id;
}

describe('a rating', () => {
  const rate = (body: object, by = person, id = callId, of = by) =>
    sidecar.put(`/user/${of.id}/calls/${id}/rating`, { person: by, body });
  const read = async (by = person, id = callId) =>
    (await sidecar.get(`/user/${by.id}/calls/${id}/rating`, { person: by })).body;

  test('is given once for a call, and can be changed for a day', async () => {
    expect(await read()).toEqual({ rating: null });
    const first = ratingResponse.parse((await rate({ score: 2, words: 'It was slow.' })).body);
    expect(first.rating).toMatchObject({ call_id: callId, score: 2, words: 'It was slow.' });
    expect((await rate({ score: 4 })).body).toMatchObject({ rating: { score: 4, words: null } });
    const { sql } = sidecar.database;
    await sql`update private.call_ratings set rated_at = now() - interval '25 hours' where call_id = ${callId}`;
    const answer = await rate({ score: 1 });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'too_late']);
    expect(await read()).toMatchObject({ rating: { score: 4 } });
  });

  test('is of a call of one’s own that is over', async () => {
    const other = await sidecar.database.signUp();
    expect((await rate({ score: 5 }, other)).status).toBe(404);
    expect((await rate({ score: 5 }, other, callId, person)).status).toBe(403);
    expect(await read(other)).toEqual({ rating: null });
    const live = randomUUID();
    await bank.open(person.id, { callId: live });
    expect(codeOf(await rate({ score: 5 }, person, live))).toBe('call_in_progress');
  });

  test.each([{ score: 0 }, { score: 6 }, { score: 2.5 }, { score: 3, words: ' ' }, {}])(
    'is not %j',
    async (body) => {
      expect((await rate(body)).status).toBe(400);
      expect(await read()).toEqual({ rating: null });
    },
  );
});

type Asked = { about?: string; about_id?: string; message?: string };
const ask = (body: Asked = {}, by = person, key: string = randomUUID()) =>
  sidecar.post(`/user/${by.id}/support`, {
    person: by,
    body: { about: 'call', about_id: callId, message: 'I was cut off.', ...body },
    headers: { 'idempotency-key': key },
  });
const asked = async (body?: Asked) => askForHelpResponse.parse((await ask(body)).body).request;
const list = async (query = '') =>
  supportResponse.parse((await sidecar.get(`/operator/support?${query}`, { person: operator })).body);
const answer = (id: string, words = 'We gave you the time back.', by = operator) =>
  sidecar.post(`/operator/support/${id}/answer`, { person: by, body: { answer: words } });

/** The mails that are owed about a request, as they would be sent. */
async function mailsAbout(id: string): Promise<{ to: string; text: string }[]> {
  const jobs = await sidecar.database.sql`select id, singleton_key as key, data as payload from pgboss.job
    where data ->> 'request_id' = ${id} order by created_on, singleton_key desc`;
  const sent: { to: string; text: string }[] = [];
  const mail = {
    ...sidecar.deps.mail,
    async send({ to, text }: { to: string; text: string }) {
      sent.push({ to, text });
    },
  };
  for (const { id: jobId, key, payload } of jobs) {
    await sendNotice({ ...sidecar.deps, mail }, { id: jobId, key, payload, attempt: 1, ageSeconds: 1 });
  }
  return sent;
}

describe('a request for help', () => {
  test('is told by mail, listed for operators, answered by mail once, and closed', async () => {
    const { id, status } = await asked();
    expect(status).toBe('open');
    const open = await list(`status=open&user_id=${person.id}`);
    expect(open.requests).toMatchObject([{ id, email: person.email, about: 'call', about_id: callId }]);
    const answered = operatorRequestResponse.parse((await answer(id)).body).request;
    expect(answered).toMatchObject({ status: 'answered', answered_by: operator.id });
    expect(answered.answer_seconds).toBeGreaterThanOrEqual(0);
    expect((await answer(id)).status).toBe(200);
    expect(codeOf(await answer(id, 'Something else.'))).toBe('too_late');
    const [toUs, toThem, ...more] = await mailsAbout(id);
    expect(more).toEqual([]);
    expect(toUs?.to).toBe('help@mindbot.example');
    expect(toUs?.text).toContain('I was cut off.');
    expect(toUs?.text).toContain(`https://mindbot.example/operator/support/${id}`);
    expect(toThem?.to).toBe(person.email);
    expect(toThem?.text).toContain('We gave you the time back.');
    const close = { person: operator, body: { reason: 'done' } };
    expect((await sidecar.post(`/operator/support/${id}/close`, close)).body).toMatchObject({
      request: { status: 'closed' },
    });
    const own = await sidecar.get(`/user/${person.id}/support`, { person });
    expect(own.body).toMatchObject({
      requests: [{ id, status: 'closed', answer: 'We gave you the time back.' }],
    });
    const acts = await sidecar.database
      .sql`select act, reason from operator_acts where subject = ${id} order by id`;
    expect([...acts]).toEqual([
      { act: 'answer', reason: 'answered a request for help' },
      { act: 'close', reason: 'done' },
    ]);
  });

  test('is about something of one’s own', async () => {
    const other = await sidecar.database.signUp();
    const theirs = await talked(other);
    const mine = await bank.begin(person.id, 'starter');
    for (const about of ['call', 'purchase', 'card']) {
      expect((await ask({ about, about_id: theirs })).status).toBe(404);
    }
    expect((await ask({ about: 'purchase', about_id: mine })).status).toBe(201);
    expect((await ask({ about: 'account' })).status).toBe(400);
    expect((await sidecar.get(`/user/${person.id}/support`, { person: other })).status).toBe(403);
  });

  test('with the same key is asked once, also ten times at once', async () => {
    const key = randomUUID();
    const bodies = (await Promise.all(Array.from({ length: 10 }, () => ask({}, person, key)))).map(
      ({ body }) => askForHelpResponse.parse(body),
    );
    expect(new Set(bodies.map(({ request }) => request.id)).size).toBe(1);
    expect(bodies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(codeOf(await ask({ message: 'Another.' }, person, key))).toBe('idempotency_key_reused');
  });

  test('is asked five times a day, also where many are asked at once', async () => {
    const answers = await Promise.all(Array.from({ length: 9 }, () => ask()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter((one) => codeOf(one) === 'too_many_requests')).toHaveLength(4);
    await sidecar.database.sql`update private.support_requests
      set created_at = created_at - interval '25 hours' where user_id = ${person.id}`;
    expect((await ask()).status).toBe(201);
  });

  test.each([{ message: '' }, { message: 'x'.repeat(2001) }, { message: '\u202e' }, { about: 'weather' }])(
    'is not %j',
    async (body) => {
      expect((await ask(body)).status).toBe(400);
    },
  );

  test('is nobody’s to list or answer but an operator’s', async () => {
    const { id } = await asked();
    expect((await sidecar.get('/operator/support', { person })).status).toBe(403);
    expect((await answer(id, 'I answer myself.', person)).status).toBe(403);
    const args = { p_request_id: id, p_operator_id: person.id, p_answer: 'x' };
    const { data } = await sidecar.database.service.rpc('answer_support_request', args);
    expect(data).toEqual({ status: 'not_an_operator' });
  });

  test('pages go by what was seen last: longest waiting first, all others newest first', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth++) ids.push((await asked({ message: `Question ${nth}` })).id);
    const pagesOf = async (query: string) => {
      const seen: string[] = [];
      let after = '';
      do {
        const page = await list(`${query}&limit=2${after}`);
        seen.push(...page.requests.map(({ id }) => id));
        after = page.next === null ? '' : `&after=${page.next}`;
      } while (after !== '');
      return seen;
    };
    expect(await pagesOf(`status=open&user_id=${person.id}`)).toEqual(ids);
    expect(await pagesOf(`user_id=${person.id}`)).toEqual(ids.toReversed());
    expect(await pagesOf(`status=closed&user_id=${person.id}`)).toEqual([]);
    expect(await pagesOf(`about_id=${callId}`)).toEqual(ids.toReversed());
  });

  test('its figures say how soon it was answered', async () => {
    await sidecar.database.sql`update private.support_requests
      set created_at = now() - interval '100 days'`;
    const ids = [(await asked()).id, (await asked()).id, (await asked()).id];
    for (const [nth, id] of ids.entries()) {
      await sidecar.database.sql`update private.support_requests
        set created_at = now() - make_interval(secs => ${3600 * (nth + 1)}) where id = ${id}`;
      if (nth < 2) await answer(id);
    }
    const figures = await sidecar.get('/operator/support-figures?days=1', { person: operator });
    const {
      asked: count,
      answered,
      answer_p50_seconds,
      answer_p95_seconds,
    } = supportFiguresResponse.parse(figures.body);
    expect([count, answered]).toEqual([3, 2]);
    expect([answer_p50_seconds, answer_p95_seconds].map((s) => Math.round((s ?? 0) / 3600))).toEqual([1, 2]);
  });
});

test('what was written goes with a deleted person; the score and that somebody asked stay', async () => {
  await sidecar.put(`/user/${person.id}/calls/${callId}/rating`, {
    person,
    body: { score: 3, words: 'Secret.' },
  });
  const { id } = await asked({ message: 'My name is Grace.' });
  await answer(id, 'Hello Grace.');
  await sidecar.database.sql`delete from auth.users where id = ${person.id}`;
  const { requests } = await list(`user_id=${person.id}`);
  expect(requests).toMatchObject([{ message: null, answer: null, email: null, status: 'answered' }]);
  const [rating] = await sidecar.database
    .sql`select score, words from private.call_ratings where call_id = ${callId}`;
  expect(rating).toEqual({ score: 3, words: null });
  expect(await mailsAbout(id)).toEqual([]);
});
