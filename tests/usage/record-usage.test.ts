import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';
import { addPerson, giveTime, lapse, violations } from '../time/people.ts';
import { addTenant, MEASURES, setRates, settle, talk, talker, toolCall, track, usedBy } from './usage.ts';

const LONG_AGO = '2020-01-01T00:00:00Z';
const RATES = [
  {
    kind: 'voice_second',
    price_micros_per_million: 2_500_000_000,
    cost_micros_usd_per_million: 0,
    valid_from: LONG_AGO,
  },
  {
    kind: 'llm_input_token',
    model: 'm-1',
    cost_micros_usd_per_million: 400_000,
    markup_percent: 50,
    valid_from: LONG_AGO,
  },
  {
    kind: 'llm_cached_input_token',
    model: 'm-1',
    cost_micros_usd_per_million: 100_000,
    markup_percent: 50,
    valid_from: LONG_AGO,
  },
  { kind: 'tool_call', price_micros_per_million: 1_000_000_000, valid_from: LONG_AGO },
  { kind: 'tool_call', tool: 'recall', price_micros_per_million: 7_000_000_000, valid_from: LONG_AGO },
];
const tool = (name: string, events: number, price: number) => ({
  kind: 'tool_call',
  tool: name,
  events,
  quantity: events,
  cost: null,
  price,
});
/** What a call of 61 seconds with `MEASURES` comes to. */
const USED = [
  { kind: 'llm_cached_input_token', tool: null, events: 1, quantity: 400, cost: 40, price: 60 },
  { kind: 'llm_input_token', tool: null, events: 1, quantity: 600, cost: 240, price: 360 },
  // No rate: nobody knows what it costs, which is not nothing. What runs on this machine costs nothing.
  { kind: 'llm_output_token', tool: null, events: 1, quantity: 50, cost: null, price: null },
  { kind: 'stt_second', tool: null, events: 1, quantity: 61, cost: 0, price: null },
  // Who was refused by a tool pays nothing for it.
  tool('check_time_balance', 2, 1000),
  tool('recall', 1, 7000),
  { kind: 'tts_character', tool: null, events: 1, quantity: 300, cost: null, price: null },
  { kind: 'voice_second', tool: null, events: 1, quantity: 61, cost: 0, price: 152_500 },
];

test('a settled call leaves what it used, priced, and a repeat leaves nothing more', async ({
  db: { sql },
}) => {
  expect(await setRates(sql, RATES)).toMatchObject({ status: 'set', added: 5 });
  const userId = await talker(sql);
  const callId = await talk(sql, userId, 61);
  expect(await usedBy(sql, userId)).toEqual(USED);
  await settle(sql, callId, 500);
  await sql`update calls set measures = measures where id = ${callId}`;
  expect(await usedBy(sql, userId)).toEqual(USED);
  const [row] = await sql`select count(distinct (occurred_at, call_id))::int as at,
      bool_and(occurred_at = (select ended_at from calls where id = ${callId})) as ended from usage_events where owner_id = ${userId}`;
  expect(row).toEqual({ at: 1, ended: true });
});

test('a rate that changes in the middle of a call is not that of the call, and what held stays as it was', async ({
  db: { sql },
}) => {
  const userId = await talker(sql);
  const rate = (valid_from: string, price: number) => ({
    kind: 'voice_second',
    currency: 'usd',
    price_micros_per_million: price,
    cost_micros_usd_per_million: 0,
    valid_from,
  });
  const callId = randomUUID();
  await sql`select open_call(${callId}, ${userId}, ${callId}, 3600)`;
  const soon = new Date(Date.now() + 60_000).toISOString();
  expect(await setRates(sql, [rate(soon, 9_000_000_000)])).toMatchObject({ status: 'set', added: 1 });
  // As if midnight were a moment ago: the call began before it.
  await sql`update rates set valid_to = now() where kind = 'voice_second' and valid_to is not null`;
  await sql`update rates set valid_from = now() where kind = 'voice_second' and valid_to is null`;
  await settle(sql, callId, 10, null);
  expect(await usedBy(sql, userId)).toMatchObject([{ price: 25_000 }]);
  await talk(sql, userId, 10, null);
  expect(await usedBy(sql, userId)).toMatchObject([{ events: 2, price: 25_000 + 90_000 }]);
  const rows = () => sql`select * from rates order by id`;
  const before = [...(await rows())];
  for (const [wrong, reason] of [
    [rate(LONG_AGO, 1), 'has_held_already'],
    [rate('2021-01-01T00:00:00Z', 1), 'another_held_then'],
    [{ ...rate(soon, 1), kind: 'nonsense' }, 'unknown_kind'],
  ] as const) {
    expect(await setRates(sql, [rate('2999-01-01T00:00:00Z', 1), wrong])).toMatchObject({
      status: 'refused',
      reason,
    });
  }
  expect(await setRates(sql, [{ ...rate(soon, 1), price_micros_per_million: -1 }, {}])).toMatchObject({
    status: 'refused',
  });
  expect(await setRates(sql, RATES)).toMatchObject({ status: 'set', added: 0, unchanged: 5 });
  expect([...(await rows())]).toEqual(before);
  await expect(
    sql`insert into rates (kind, price_micros_per_million, valid_from) values ('voice_second', 1, now())`,
  ).rejects.toThrow(/rates_never_overlap/);
});

test('a tenant pays for what its members use, in the currency of its plan', async ({ db: { sql } }) => {
  const [owner, member] = [await addPerson(sql), await addPerson(sql)] as const;
  await sql`insert into plans (id, name, kind, currency) values ('euro', 'Euro', 'metered', 'eur')`;
  const tenantId = await addTenant(sql, [owner, member], 'euro');
  await setRates(sql, [
    { kind: 'tool_call', currency: 'eur', price_micros_per_million: 3_000_000_000, valid_from: LONG_AGO },
  ]);
  expect(await track(sql, member, [toolCall()], tenantId)).toMatchObject({
    events: [{ status: 'recorded' }],
  });
  expect(await usedBy(sql, tenantId)).toEqual([tool('search', 1, 3000)]);
  expect(await usedBy(sql, member)).toEqual([]);
  // A call on its time is its usage, too.
  const callId = randomUUID();
  await giveTime(sql, tenantId, 100);
  await sql`select open_call(${callId}, ${member}, ${callId}, 60, p_tenant_id => ${tenantId})`;
  await settle(sql, callId, 9, null);
  expect(await usedBy(sql, tenantId)).toMatchObject([{}, { kind: 'voice_second', quantity: 9, price: null }]);
  expect(await usedBy(sql, member)).toEqual([]);
  expect(await track(sql, await addPerson(sql), [toolCall()], tenantId)).toEqual({ status: 'not_a_member' });
});

test('of a reaped call the seconds are recorded', async ({ db: { sql } }) => {
  const userId = await talker(sql);
  const callId = randomUUID();
  await sql`select open_call(${callId}, ${userId}, ${callId}, 3600)`;
  await sql`select renew_call(${callId}, 1, 33000)`;
  await lapse(sql, callId);
  await sql`select reap_calls()`;
  await settle(sql, callId, 500);
  expect(await usedBy(sql, userId)).toMatchObject([{ kind: 'voice_second', events: 1, quantity: 33 }]);
});

test('whatever keeps usage from being recorded, the call is settled, and the job records it once', async ({
  db: { sql },
}) => {
  const userId = await talker(sql);
  await sql`alter table usage_events add constraint broken check (false) not valid`;
  const callId = await talk(sql, userId, 61);
  expect(await usedBy(sql, userId)).toEqual([]);
  expect([...(await sql`select status, charged_seconds, turns from calls where id = ${callId}`)]).toEqual([
    { status: 'settled', charged_seconds: 61, turns: 2 },
  ]);
  const heal = async () => (await sql`select record_missing_usage() as answer`)[0]?.answer;
  expect(await heal()).toEqual({ recorded: 0, failed: 1 });
  expect([
    ...(await sql`select subject from reconciliation_findings where kind = 'usage_not_recorded'`),
  ]).toEqual([{ subject: callId }]);
  await sql`alter table usage_events drop constraint broken`;
  expect(await heal()).toEqual({ recorded: 1, failed: 0 });
  expect(await heal()).toEqual({ recorded: 0, failed: 0 });
  expect(
    (await usedBy(sql, userId)).map(({ kind, events, quantity }) => ({ kind, events, quantity })),
  ).toEqual(USED.map(({ kind, events, quantity }) => ({ kind, events, quantity })));
  expect(await violations(sql)).toEqual([]);
});

test('what a hostile worker says was used harms neither the bill nor the books', async ({ db: { sql } }) => {
  const userId = await talker(sql);
  const callId = await talk(sql, userId, 5, {
    ...MEASURES,
    llm: [
      {
        model: 'x'.repeat(9000),
        provider: '4242 4242 4242 4242',
        input_tokens: 1e300,
        cached_tokens: -5,
        output_tokens: 'many',
      },
      7,
      null,
    ],
    tts: 'none',
    stt: [{ audio_ms: 0.5 }, {}],
    tools: [{ tool: 'recall', ok: 1200 }, { tool: "'; drop table calls; --", failed: 1 }, { ok: 1 }],
  });
  const [call] = await sql`select status, charged_seconds from calls where id = ${callId}`;
  expect(call).toEqual({ status: 'settled', charged_seconds: 5 });
  expect(
    (await usedBy(sql, userId)).map(({ kind, tool, events, quantity }) => [kind, tool, events, quantity]),
  ).toEqual([
    ['llm_input_token', null, 1, 1_000_000_000],
    ['tool_call', '___drop_table_calls__--', 1, 1],
    ['tool_call', 'recall', 1000, 1200],
    ['tool_call', 'unknown', 1, 1],
    ['voice_second', null, 1, 5],
  ]);
  expect([...(await sql`select * from private.usage_to_record where call_id = ${callId}`)]).toEqual([]);
});

test('nothing changes, removes or writes a row by hand', async ({ db }) => {
  const { sql } = db;
  await track(sql, await addPerson(sql), [toolCall()]);
  const [partition] = await sql`select tableoid::regclass::text as name from usage_events limit 1`;
  for (const statement of [
    'update usage_events set quantity = 2',
    'delete from usage_events',
    'truncate usage_events',
    `update ${partition?.name} set quantity = 2`,
    `delete from ${partition?.name}`,
    `truncate ${partition?.name}`,
    'truncate private.usage_events_elsewhere',
  ]) {
    await expect(sql.unsafe(statement), statement).rejects.toThrow(/append-only/);
  }
});

test('an event of any month finds a place, and a month that gets its partition later takes its events along', async ({
  db,
}) => {
  const { sql } = db;
  const userId = await addPerson(sql);
  const times = [
    '1970-01-01T00:00:00Z',
    '2024-02-29T23:59:59.999999Z',
    '2024-03-01T00:00:00Z',
    '2999-12-31T23:59:59Z',
  ];
  await sql`select private.record_usage(array(select row(t, ${userId}, null, null, 'tool_call', 'x', null, null, null, 1, '{}', t::text, false)::private.usage_entry
    from unnest(${times}::timestamptz[]) t), null)`;
  const all = () =>
    sql`select id, xid, occurred_month::text as month, key from usage_events where owner_id = ${userId} order by occurred_at`;
  const before = [...(await all())];
  expect(before.map(({ month }) => month)).toEqual(['1970-01-01', '2024-02-01', '2024-03-01', '2999-12-01']);
  const [{ answer } = { answer: undefined }] = await sql`select make_usage_partitions(0) as answer`;
  expect(answer).toMatchObject({ status: 'complete', elsewhere: 2 });
  expect(answer.made).toEqual(expect.arrayContaining(['2024-02-01', '2024-03-01']));
  expect([...(await all())]).toEqual(before);
  const [finding] = await sql`select detail from reconciliation_findings where kind = 'usage_out_of_time'`;
  expect(finding?.detail).toContain('2 usage events');
  // A repeat of what moved is still a repeat.
  await sql`select private.record_usage(array(select row(t, ${userId}, null, null, 'tool_call', 'x', null, null, null, 1, '{}', t::text, false)::private.usage_entry
    from unnest(${times}::timestamptz[]) t), null)`;
  expect([...(await all())]).toEqual(before);
  await expect(sql`delete from private.usage_events_2024_02`).rejects.toThrow(/append-only/);
  await expect(sql`truncate private.usage_events_2024_02`).rejects.toThrow(/append-only/);
  // Without the default partition such an event would be lost: this test would tell.
  await undone(db, async (sql) => {
    await sql`alter table usage_events detach partition private.usage_events_elsewhere`;
    await expect(
      track(sql, userId, [toolCall({ occurred_at: new Date(Date.now() - 390 * 86_400_000).toISOString() })]),
    ).rejects.toThrow(/no partition/);
  });
});

test('at midnight to the microsecond the next rate holds, and two that set rates at once leave one', async ({
  db,
}) => {
  const { sql } = db;
  const userId = await addPerson(sql);
  const rate = (day: string, price: number) => ({
    kind: 'tool_call',
    tool: 'midnight',
    price_micros_per_million: price * 1_000_000,
    valid_from: `${day}T00:00:00Z`,
  });
  await setRates(sql, [
    rate('2026-01-01', 1),
    rate('2027-01-01', 2),
    rate('2028-02-29', 3),
    rate('2028-03-01', 4),
  ]);
  const times = [
    '2026-12-31T23:59:59.999999Z',
    '2027-01-01T00:00:00Z',
    '2028-02-28T23:59:59.999999Z',
    '2028-02-29T23:59:59.999999Z',
    '2028-03-01T00:00:00Z',
  ];
  await sql`select private.record_usage(array(select row(t, ${userId}, null, null, 'tool_call', 'midnight', null, null, null, 1, '{}',
      t::text, false)::private.usage_entry from unnest(${times}::timestamptz[]) t))`;
  const priced =
    await sql`select price_micros::int as price, occurred_month::text as month from usage_events where owner_id = ${userId} order by occurred_at`;
  expect(priced.map(({ price, month }) => [price, month])).toEqual([
    [1, '2026-12-01'],
    [2, '2027-01-01'],
    [2, '2028-02-01'],
    [3, '2028-02-01'],
    [4, '2028-03-01'],
  ]);
  const later = { ...rate('2029-01-01', 5), valid_from: '2029-01-01T00:00:00Z' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => setRates(sql, [later])));
  expect(answers.map((answer) => (answer as { added?: number }).added).toSorted()).toEqual([0, 0, 0, 0, 1]);
});

test('a partition that cannot be had at once is made later, and who writes meanwhile loses nothing', async ({
  db,
}) => {
  const { sql } = db;
  const [userId, other] = [await talker(sql), await talker(sql)] as const;
  const make = () => sql`select make_usage_partitions(24) ->> 'status' as status`;
  const writer = await sql.reserve();
  await writer`begin`;
  await talk(writer, userId, 5, null);
  await expect(make()).rejects.toMatchObject({ code: '55P03' });
  await talk(sql, other, 5, null);
  await writer`commit`;
  writer.release();
  expect([...(await make())]).toEqual([{ status: 'complete' }]);
  for (const one of [userId, other]) expect(await usedBy(sql, one)).toMatchObject([{ quantity: 5 }]);
});
