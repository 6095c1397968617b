import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { daysThatDiffer, differencesOf, rollUpAll } from './figures.ts';
import { ask, talk } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const RANGE = ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'month', 'Europe/Berlin'] as const;
const uses = (llm: string, errors = {}) => ({
  llm: [{ model: 'a', provider: llm }],
  tts: [{ model: 'b', provider: 'api.openai.com' }],
  stt: [{ model: 'c', provider: 'api.deepgram.com' }],
  errors: Object.values(errors).length,
  errors_by_provider: errors,
});

async function asks(sql: postgres.ISql, userId: string, callId: string | null): Promise<string> {
  const [row] =
    await sql`select ask_for_help(${userId}, ${randomUUID()}, ${callId === null ? 'account' : 'call'}, ${callId}, 'help')
    #>> '{request,id}' as id`;
  return String(row?.id);
}

test('requests stand beside the calls that they are about, by release and provider, and lead to themselves', () =>
  undone(db, async (sql) => {
    const [person, operator] = [await addPerson(sql), await addPerson(sql)];
    await sql`update users set role = 'operator' where id = ${operator}`;
    await giveTime(sql, person, 36_000);
    const at = new Date().toISOString();
    const good = await talk(sql, person, at, { version: '1.0', measures: uses('api.openai.com') });
    const bad = await talk(sql, person, at, {
      version: '1.1',
      measures: uses('llm.example.com', { 'llm@llm.example.com': 2 }),
    });
    await talk(sql, person, at, { version: '1.1', measures: { llm: 'x', tts: [1], stt: [{ provider: 5 }] } });
    const requests = [
      await asks(sql, person, bad),
      await asks(sql, person, bad),
      await asks(sql, person, null),
    ];
    // Answered after an hour, and after a day.
    for (const [index, seconds] of [3600, 86_400].entries()) {
      await sql`update private.support_requests set created_at = now() - make_interval(secs => ${seconds}) where id = ${requests[index] ?? ''}`;
    }
    await sql`delete from private.event_changes where kind like 'request%'`;
    await sql`insert into private.event_changes (kind, at, name, version, events, total)
      select kind, at, name, version, events, total from private.event_rows where kind like 'request%'`;
    for (const id of requests.slice(0, 2))
      await sql`select answer_support_request(${id}, ${operator}, 'done')`;
    for (const [call, score] of [
      [good, 5],
      [bad, 4],
      [bad, 1],
    ] as const)
      await sql`select rate_call(${person}, ${call}, ${score})`;
    const support = async () =>
      (await ask(sql, 'board_support', ...RANGE)) as unknown as Record<string, object[]> & {
        answer_seconds: Record<string, number>;
      };
    const figures = await support();
    expect(figures).toMatchObject({ open: 1, requests: 3, answered: 2 });
    expect(figures.answer_seconds).toEqual({ p50: 3600, p95: 86_400, p99: 86_400 });
    expect(figures.by_version).toEqual(
      [
        { version: '1.0', calls: 1, turns: 0, errors: 0, requests: 0, ratings: 1, stars: 5 },
        // The rating that was changed counts once, as it is.
        { version: '1.1', calls: 2, turns: 0, errors: 1, requests: 2, ratings: 1, stars: 1 },
        { version: '', calls: 0, turns: 0, errors: 0, requests: 0, ratings: 0, stars: 0 },
      ].filter(({ calls }) => calls > 0),
    );
    expect(figures.by_provider).toEqual([
      { provider: 'llm@llm.example.com', calls: 1, failing_calls: 1, failures: 2, requests: 2 },
      { provider: 'stt@api.deepgram.com', calls: 2, failing_calls: 0, failures: 0, requests: 2 },
      { provider: 'tts@api.openai.com', calls: 2, failing_calls: 0, failures: 0, requests: 2 },
      { provider: 'llm@api.openai.com', calls: 1, failing_calls: 0, failures: 0, requests: 0 },
    ]);
    expect(figures.by_about).toEqual([
      { about: 'call', requests: 2 },
      { about: 'account', requests: 1 },
    ]);
    const behind = async (about: string | null, version: string | null, provider: string | null) => {
      const [row] =
        await sql`select board_requests(${RANGE[0]}, ${RANGE[1]}, ${about}, ${version}, ${provider}) as found`;
      const found: { id: string }[] = row?.found;
      return found.map(({ id }) => id).toSorted();
    };
    const about = requests.slice(0, 2).toSorted();
    expect(await behind(null, '1.1', null)).toEqual(about);
    expect(await behind(null, null, 'llm@llm.example.com')).toEqual(about);
    expect(await behind('account', null, null)).toEqual(requests.slice(2));
    expect(await behind(null, '1.0', null)).toEqual([]);
    expect(await differencesOf(sql)).toEqual([]);
    // Rolled up within this very transaction, which no other run would do: the sums say the same.
    await sql`select private.add_all(t.calls, t.entries, t.changes, t.since, null) from private.tail() t`;
    await sql`delete from private.settled_calls`;
    await sql`delete from private.event_changes`;
    await sql`update private.rolled_up set upto = pg_snapshot_xmax(pg_current_snapshot())`;
    expect(await support()).toEqual(figures);
    expect(await daysThatDiffer(sql)).toEqual([]);
  }));

test('of those who tried for free, who talked and who bought counts once, before and after it is rolled up', async () => {
  const { sql } = db;
  const [ann, bob, eve] = [await addPerson(sql), await addPerson(sql), await addPerson(sql)];
  const bank = createBank(overSql(sql));
  const trials = () => ask(sql, 'board_trials', RANGE[0], RANGE[1]);
  // A purchase of before does not count, and neither does a call that used nothing.
  await buy(bank, eve, 'starter');
  for (const person of [ann, bob, eve]) {
    const cardId = await giveTime(sql, person, 600);
    const hash = randomUUID().replaceAll('-', '').repeat(2);
    await sql`insert into private.trials (user_id, card_id, email_hash, claimed_at)
      values (${person}, ${cardId}, ${hash}, clock_timestamp())`;
  }
  const now = new Date().toISOString();
  await talk(sql, ann, now, { seconds: 10 });
  await talk(sql, bob, now, { seconds: 0 });
  expect(await trials()).toEqual({ claimed: 3, talked: 1, bought: 0 });
  await rollUpAll(sql);
  await talk(sql, ann, now, { seconds: 10 });
  await buy(bank, ann, 'starter');
  await buy(bank, ann, 'starter');
  expect(await trials()).toEqual({ claimed: 3, talked: 1, bought: 1 });
  await rollUpAll(sql);
  expect(await trials()).toEqual({ claimed: 3, talked: 1, bought: 1 });
  expect(await differencesOf(sql)).toEqual([]);
  await sql`update private.event_figures set events = events + 1 where kind = 'trial'`;
  expect(await ask(sql, 'check_figures', now.slice(0, 10))).toMatchObject({
    status: 'replaced',
    tables: ['event_figures'],
  });
  expect(await trials()).toEqual({ claimed: 3, talked: 1, bought: 1 });
});
