import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { connect } from '../support/connect.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addPerson } from '../time/people.ts';
import { type Answer, talk, talker, toolCall, track, usedBy } from './usage.ts';

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const statuses = (answer: { events?: Answer[] }) =>
  answer.events?.map(({ status, reason }) => reason ?? status);

test('a batch that is sent again, as a whole or in parts, is recorded once', async ({ db: { sql } }) => {
  const userId = await addPerson(sql);
  const events = Array.from({ length: 100 }, () => toolCall());
  expect(new Set(statuses(await track(sql, userId, events)))).toEqual(new Set(['recorded']));
  const answers = await Promise.all(
    [events, events.slice(50), events.toReversed()].map((some) => track(sql, userId, some)),
  );
  for (const answer of answers) expect(new Set(statuses(answer))).toEqual(new Set(['duplicate']));
  expect(await usedBy(sql, userId)).toMatchObject([{ events: 100, quantity: 100 }]);
  expect(
    statuses(
      await track(sql, userId, [
        { ...events[0], quantity: 2 },
        { ...events[1], tool: 'other' },
      ]),
    ),
  ).toEqual(['conflict', 'conflict']);
  // The key is the payer's own: that of somebody else is another one.
  expect(statuses(await track(sql, await addPerson(sql), [events[0]]))).toEqual(['recorded']);
});

test('many that send the same at once record it once, and none of them fails', async ({ db }) => {
  const userId = await addPerson(db.sql);
  const events = Array.from({ length: 40 }, () => toolCall());
  const connections = Array.from({ length: 6 }, () => connect(db.url, { max: 1 }));
  const answers = await Promise.all(
    connections.map((sql, index) => track(sql, userId, index % 2 === 0 ? events : events.toReversed())),
  );
  for (const sql of connections) await sql.end({ timeout: 1 });
  expect(
    answers.flatMap((answer) => statuses(answer)).filter((status) => status === 'recorded'),
  ).toHaveLength(40);
  expect(await usedBy(db.sql, userId)).toMatchObject([{ events: 40 }]);
});

test('one key in two months is one event, whoever comes first, also at once', async ({ db }) => {
  const { sql } = db;
  const userId = await addPerson(sql);
  // The end of the last month that is over.
  const [row] = await sql<{ end: Date }[]>`select date_trunc('month', now(), 'utc') as end`;
  const endMs = row?.end.getTime() ?? 0;
  const [last, first] = [new Date(endMs - 1).toISOString(), new Date(endMs).toISOString()];
  const key = randomUUID();
  expect(statuses(await track(sql, userId, [toolCall({ key, occurred_at: last })]))).toEqual(['recorded']);
  expect(statuses(await track(sql, userId, [toolCall({ key, occurred_at: first })]))).toEqual(['conflict']);
  expect(statuses(await track(sql, userId, [toolCall({ key, occurred_at: last })]))).toEqual(['duplicate']);
  const connections = Array.from({ length: 6 }, () => connect(db.url, { max: 1 }));
  const keys = Array.from({ length: 20 }, () => randomUUID());
  const answers = await Promise.all(
    connections.map((one, index) =>
      track(
        one,
        userId,
        (index % 2 ? keys : keys.toReversed()).map((each) =>
          toolCall({ key: each, occurred_at: index % 3 ? last : first }),
        ),
      ),
    ),
  );
  for (const one of connections) await one.end({ timeout: 1 });
  expect(
    answers.flatMap((answer) => statuses(answer)).filter((status) => status === 'recorded'),
  ).toHaveLength(20);
  expect(await usedBy(sql, userId)).toMatchObject([{ events: 21 }]);
});

test.for<[string, object, string]>([
  ['no key', { key: '' }, 'key'],
  ['a key that is too long', { key: 'x'.repeat(256) }, 'key'],
  ["a key of a call's own", { key: 'call:1:voice' }, 'key_is_reserved'],
  ['seconds of voice', { kind: 'voice_second', tool: null }, 'kind'],
  ['an unknown kind', { kind: 'coffee' }, 'kind'],
  ['nothing', { quantity: 0 }, 'quantity'],
  ['less than nothing', { quantity: -1 }, 'quantity'],
  ['a part', { quantity: 0.5 }, 'quantity'],
  ['more than anybody uses', { quantity: 1e30 }, 'quantity'],
  ['words for a number', { quantity: '1' }, 'quantity'],
  ['no tool', { tool: undefined }, 'tool'],
  ['a sentence for a tool', { tool: 'tell me more' }, 'tool'],
  ['a tool of tokens', { kind: 'llm_input_token' }, 'tool'],
  ['a server with markup', { server: '<b>' }, 'server'],
  ['a time that is none', { occurred_at: '2026-02-30T00:00:00Z' }, 'occurred_at'],
  ['a time in words', { occurred_at: 'yesterday' }, 'occurred_at'],
  ['no time', { occurred_at: undefined }, 'occurred_at'],
  ['a time for ever', { occurred_at: 'infinity' }, 'occurred_at'],
  ['1970', { occurred_at: '1970-01-01T00:00:00Z' }, 'too_old'],
  ['2999', { occurred_at: '2999-01-01T00:00:00Z' }, 'in_the_future'],
  ['a clock that is ahead', { occurred_at: new Date(Date.now() + 360_000).toISOString() }, 'in_the_future'],
  ["somebody else's call", { call_id: randomUUID() }, 'call_id'],
  ['a call that is none', { call_id: 'x' }, 'call_id'],
  ['words of a caller', { metadata: { said: 'I would like to know' } }, 'metadata'],
  ['a number of a card', { metadata: { card: '4242424242424242' } }, 'metadata'],
  ['what is deep', { metadata: { a: { b: 1 } } }, 'metadata'],
  ['a list', { metadata: [1] }, 'metadata'],
  ['a name of a field that is a sentence', { metadata: { 'what they said': 1 } }, 'metadata'],
  [
    'too much',
    { metadata: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field_number_${n}`, n])) },
    'metadata',
  ],
])('%s is refused, and the others of the batch are recorded', async ([, wrong, reason], { db: { sql } }) => {
  const userId = await addPerson(sql);
  const event = JSON.parse(JSON.stringify({ ...toolCall(), ...wrong }));
  expect(statuses(await track(sql, userId, [toolCall(), event, toolCall()]))).toEqual([
    'recorded',
    reason,
    'recorded',
  ]);
});

test('what is right in another way is taken', async ({ db: { sql } }) => {
  const userId = await talker(sql);
  const callId = await talk(sql, userId, 1, null);
  const right = [
    { occurred_at: inDays(-399) },
    { occurred_at: inDays(-2).replace('Z', '456+14:00') },
    {
      call_id: callId,
      server: 'search.example.com',
      metadata: { outcome: 'failed', took_ms: 12.5, cached: false, why: null },
    },
    {
      kind: 'llm_input_token',
      tool: undefined,
      quantity: 1_000_000_000,
      provider: 'api.example.com',
      model: 'm-1',
    },
  ];
  expect(
    statuses(
      await track(
        sql,
        userId,
        right.map((more) => toolCall(more)),
      ),
    ),
  ).toEqual(right.map(() => 'recorded'));
});

test.for([null, {}, 'x', 7, Array.from({ length: 101 }, () => toolCall())])(
  'a batch that is none is refused',
  async (events, { db: { sql } }) => {
    expect(await track(sql, await addPerson(sql), events)).toEqual({ status: 'malformed' });
  },
);

test('of nobody nothing is recorded', async ({ db: { sql } }) => {
  expect(await track(sql, randomUUID(), [toolCall()])).toEqual({ status: 'unknown_user' });
});
