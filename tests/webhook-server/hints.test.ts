import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../shared/logging.ts';
import { createHub } from '../../webhook-server/hints/hub.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import type { Person } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { codeOf, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';
import { createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
const stopping = new AbortController();
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar({ app: { stopping: stopping.signal } });
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
const streams: { close(): void }[] = [];
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});

/** Listens as a page does, by fetch. */
async function listen(by = person, url = sidecar.url) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${by.accessToken}` };
  const response = await fetch(`${url}/events`, { headers, signal: stop.signal });
  const heard: string[] = [];
  let isOpen = true;
  const reading = (async () => {
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const { event, data } = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => line.split(/:(.*)/s)),
        ) as { event?: string; data?: string };
        if (event === 'changed') heard.push((JSON.parse(data ?? '') as { changed: string }).changed);
        text = text.slice(end + 2);
      }
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      isOpen = false;
    });
  const stream = {
    response,
    heard,
    isOpen: () => isOpen,
    reading,
    hears: (what: string) => until(async () => heard.includes(what), patience(5_000)),
    close: () => stop.abort(),
  };
  streams.push(stream);
  if (response.status === 200) await stream.hears('all');
  return stream;
}
/** A replica names who looks to the database as the sidecar does. */
const noteLookers = async (userIds: string[], seconds: number) =>
  sidecar.database.service.rpc('note_lookers', { p_user_ids: userIds, p_seconds: seconds });
const listeners = async () =>
  (
    await sidecar.database.sql`select pid from pg_stat_activity
    where application_name = 'mindbot-hints' and query ilike 'listen%' and datname = current_database()`
  ).map(({ pid }) => Number(pid));

test('who looks is told that their own time, calls and purchases changed, and nothing of others', async () => {
  const [mine, others] = [await listen(), await listen(await sidecar.database.signUp())];
  expect(mine.response.headers.get('content-type')).toBe('text/event-stream');
  expect(mine.response.headers.get('cache-control')).toContain('no-transform');
  await sidecar.buy(person);
  await Promise.all([mine.hears('balance'), mine.hears('purchases')]);
  const bank = createBank(overSql(sidecar.database.sql));
  const callId = crypto.randomUUID();
  await bank.open(person.id, { callId });
  await mine.hears('calls');
  mine.heard.splice(0);
  await bank.renew(callId, 1, 15_000);
  await bank.settle(callId, 1, 20_000);
  await Promise.all([mine.hears('balance'), mine.hears('calls')]);
  // The renewal was no news: one word of each, and both of the settlement.
  expect(mine.heard.toSorted()).toEqual(['balance', 'calls']);
  expect(others.heard).toEqual(['all']);
});

test('what is remembered of a person is told of, also when it is erased', async () => {
  const { sql } = sidecar.database;
  const callId = crypto.randomUUID();
  await giveTime(sql, person.id, 60);
  await createBank(overSql(sql)).open(person.id, { callId });
  const stream = await listen();
  await sql`select remember_facts(${callId}, ${person.id}, ${sql.json([{ text: 'likes tea', kind: 'fact' }])})`;
  await stream.hears('memories');
  stream.heard.splice(0);
  await sql`select erase_all_memories(${person.id})`;
  await stream.hears('memories');
});

test('what is rolled back is told to nobody', async () => {
  const { sql } = sidecar.database;
  const stream = await listen();
  await sql
    .begin(async (one) => {
      await giveTime(one, person.id, 60);
      throw new Error('undone');
    })
    .catch(() => undefined);
  await sql`select pg_notify('mindbot_hints', ${`${person.id} purchases`})`;
  await stream.hears('purchases');
  expect(stream.heard).toEqual(['all', 'purchases']);
});

test('it is told by every replica, over one connection each, which goes with the last who looks', async () => {
  expect(await listeners()).toEqual([]);
  const hub = createHub({
    databaseUrl: sidecar.deps.config.DATABASE_URL,
    noteLookers,
    logger: createLogger('x', 'silent'),
  });
  const heardElsewhere: string[] = [];
  const leave = await hub.subscribe(person.id, (changed) => heardElsewhere.push(changed));
  const windows = [await listen(), await listen()];
  expect(await listeners()).toHaveLength(2);
  await giveTime(sidecar.database.sql, person.id, 60);
  await Promise.all([
    ...windows.map((one) => one.hears('balance')),
    until(async () => heardElsewhere.length > 0),
  ]);
  leave();
  for (const one of windows) one.close();
  await until(async () => (await listeners()).length === 0);
});

test('after the connection to the database was lost, anything may have changed', async () => {
  const stream = await listen();
  stream.heard.splice(0);
  const [pid = 0] = await listeners();
  await sidecar.database.sql`select pg_terminate_backend(${pid})`;
  await stream.hears('all');
  await giveTime(sidecar.database.sql, person.id, 60);
  await stream.hears('balance');
});

test.each(['refuse', 'stall'] as const)(
  'also after the database was away for long (%s), which is longer than the library is patient',
  async (way) => {
    const url = new URL(sidecar.deps.config.DATABASE_URL);
    const proxy = await startCuttableProxy(Number(url.port));
    url.port = String(proxy.port);
    const logger = createLogger('x', 'silent');
    const hub = createHub({ databaseUrl: url.href, noteLookers, logger, pulseMs: patience(400) });
    const heard: string[] = [];
    const leave = await hub.subscribe(person.id, (changed) => heard.push(changed));
    heard.splice(0);
    proxy[way]();
    await new Promise((resolve) => setTimeout(resolve, patience(1_000)));
    await giveTime(sidecar.database.sql, person.id, 60);
    expect(heard).toEqual([]);
    proxy.restore();
    await until(async () => heard.includes('all') || heard.includes('balance'));
    heard.splice(0);
    await giveTime(sidecar.database.sql, person.id, 60);
    await until(async () => heard.includes('balance'));
    leave();
    proxy.close();
  },
);

test('a person has eight windows at most, and the ninth closes no other', async () => {
  const windows: Awaited<ReturnType<typeof listen>>[] = [];
  for (let nth = 0; nth < 8; nth++) windows.push(await listen());
  expect((await listen()).response.status).toBe(429);
  expect(windows.every((one) => one.isOpen())).toBe(true);
  expect((await listen(await sidecar.database.signUp())).response.status).toBe(200);
  windows[0]?.close();
  await until(async () => {
    const { response, close } = await listen();
    if (response.status !== 200) close();
    return response.status === 200;
  });
});

test('nobody listens without a token, and nothing is answered to HEAD', async () => {
  const answer = await sidecar.get('/events');
  expect([answer.status, codeOf(answer)]).toEqual([401, 'not_signed_in']);
  const headers = { authorization: `Bearer ${person.accessToken}` };
  expect((await fetch(`${sidecar.url}/events`, { method: 'HEAD', headers })).status).toBe(404);
});

test('where the database cannot tell, it says so, and the page asks by itself', async () => {
  const { config } = sidecar.deps;
  const hub = createHub({
    databaseUrl: config.DATABASE_URL.replace(/:\d+\//, ':9/'),
    noteLookers,
    logger: createLogger('x', 'silent'),
  });
  await expect(hub.subscribe(person.id, () => undefined)).rejects.toMatchObject({
    code: 'database_unavailable',
  });
});

test('streams end when the process stops', async () => {
  const stream = await listen();
  stopping.abort();
  await stream.reading;
  expect(stream.isOpen()).toBe(false);
  expect((await listen()).response.status).toBe(503);
});

test('nothing is told of people at whose page nobody looks', async () => {
  const { sql } = sidecar.database;
  const told: string[] = [];
  const ear = await sql.listen('mindbot_hints', (payload) => void told.push(payload));
  const [looked, unlooked] = [person, await sidecar.database.signUp()];
  await noteLookers([looked.id], 60);
  await giveTime(sql, unlooked.id, 60);
  await giveTime(sql, looked.id, 60);
  await until(async () => told.includes(`${looked.id} balance`));
  expect(told.filter((payload) => payload.startsWith(unlooked.id))).toEqual([]);
  // Who has gone is told of no more, and is removed.
  await sql`update private.lookers set looks_until = now() - interval '1 second' where user_id = ${looked.id}`;
  told.splice(0);
  await giveTime(sql, looked.id, 60);
  await sql`select pg_notify('mindbot_hints', 'the end')`;
  await until(async () => told.includes('the end'));
  expect(told).toEqual(['the end']);
  await noteLookers([], 60);
  expect(await sql`select from private.lookers where user_id = ${looked.id}`).toHaveLength(0);
  await ear.unlisten();
});
