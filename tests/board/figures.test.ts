import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { differencesOf, rollUp, rollUpAll } from './figures.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

type Row = Record<string, unknown> & { step: string };
/** What the tests look at of the board's answers. */
type Figures = {
  status: string;
  steps: string[];
  money: (Row & { currency: string; received_cents: number; refunded_cents: number })[];
  packages: Row[];
  calls: (Row & { calls: number })[];
  active: (Row & { people: number; returning: number })[];
  in_range: object;
  all: Voice;
  by_version: Voice[];
  by_step: Voice[];
};
type Voice = { waits: Record<'p50' | 'p95' | 'p99', Record<string, number>> };

/** A function of the board, by name and arguments in order. */
async function ask(sql: postgres.ISql, name: string, ...args: (string | number)[]): Promise<Figures> {
  const places = args.map((_, index) => `$${index + 1}`).join(', ');
  const [row] = await sql.unsafe(`select public.${name}(${places}) as answer`, args);
  return row?.answer;
}

type Turn = [
  endOfTurn: number | null,
  transcription: number,
  llm: number | null,
  tts: number | null,
  whole: number | null,
];

/** A settled call that began then, without the days that it takes to wait for it. */
async function talk(
  sql: postgres.ISql,
  userId: string,
  at: string,
  options: { seconds?: number; turns?: Turn[]; version?: string } = {},
): Promise<string> {
  const { seconds = 60, turns = [], version } = options;
  const callId = randomUUID();
  await createBank(overSql(sql)).open(userId, { callId, slice: 3600, max: 1000 });
  await sql`update calls set opened_at = ${at} where id = ${callId}`;
  const measures = {
    ...{ turns: turns.length, interruptions: 1, errors: 0, latency_p50_ms: null, latency_p95_ms: null },
    ...{ provider_cost_micros: 10_000, quality: 80, unpriced: [], version },
    turn_parts: ['end_of_turn', 'transcription', 'llm_first_token', 'tts_first_byte', 'whole'],
    latest_turns: turns,
  };
  await sql`select settle_call(${callId}, 1, ${seconds * 1000}, 'hang_up', p_measures => ${sql.json(measures as never)})`;
  return callId;
}

/** As if a purchase's journal had been written then: the same differences, at another time. */
async function bookedAt(sql: postgres.ISql, purchaseId: string, at: string, happened = at): Promise<void> {
  await sql`alter table private.money_changes disable trigger user`;
  await sql`update private.money_changes set booked_at = ${at}, happened_at = ${happened}
    where purchase_id = ${purchaseId} and booked_at > now() - interval '1 hour'`;
  await sql`alter table private.money_changes enable trigger user`;
}

describe('money', () => {
  test('currencies stand beside each other, never in one sum; a correction of the currency leaves nothing behind', () =>
    undone(db, async (sql) => {
      const bank = createBank(overSql(sql));
      const person = await addPerson(sql);
      await buy(bank, person, 'starter');
      const { cardId } = await buy(bank, person, 'basic', 'gift');
      await sql`update purchases set currency = 'eur' where id = ${cardId}`;
      const now = new Date();
      const [from, to] = [new Date(now.getTime() - 3_600_000), new Date(now.getTime() + 3_600_000)];
      const { money, packages } = await ask(
        sql,
        'board_money',
        from.toISOString(),
        to.toISOString(),
        'month',
        'UTC',
        'booked',
      );
      const sums = Object.fromEntries(
        ['usd', 'eur'].map((currency) => [
          currency,
          money.filter((row) => row.currency === currency).reduce((sum, row) => sum + row.received_cents, 0),
        ]),
      );
      expect(sums).toEqual({ usd: 999, eur: 4499 });
      expect(packages).toMatchObject([
        { currency: 'eur', package_id: 'basic', way: 'gift', purchases: 1, received_cents: 4499 },
        { currency: 'usd', package_id: 'starter', way: 'own', purchases: 1, received_cents: 999 },
      ]);
      expect(await differencesOf(sql)).toEqual([]);
    }));

  test('a refund in March of a sale in January is booked in March, and is the January of the other basis', () =>
    undone(db, async (sql) => {
      const bank = createBank(overSql(sql));
      const { cardId, intentId } = await buy(bank, await addPerson(sql), 'starter');
      await bookedAt(sql, cardId, '2026-01-31T23:59:59Z');
      await bank.refund(intentId, 400);
      await bookedAt(sql, cardId, '2026-03-01T00:00:00Z', '2026-01-31T23:59:59Z');
      const months = async (basis: string) => {
        const { money } = await ask(
          sql,
          'board_money',
          '2026-01-01T00:00:00Z',
          '2026-04-01T00:00:00Z',
          'month',
          'UTC',
          basis,
        );
        return money.map(({ step, received_cents, refunded_cents }) => [
          step.slice(0, 7),
          received_cents,
          refunded_cents,
        ]);
      };
      expect(await months('booked')).toEqual([
        ['2026-01', 999, 0],
        ['2026-03', 0, 400],
      ]);
      expect(await months('happened')).toEqual([['2026-01', 999, 400]]);
    }));
});

describe('days and months', () => {
  const ENDS = [
    '2026-02-28T22:59:59Z',
    '2026-02-28T23:00:00Z',
    '2026-02-28T23:59:59Z',
    '2026-03-01T00:00:00Z',
  ];

  test.each([
    [
      'UTC',
      [
        ['2026-02-01T00:00:00.000Z', 3],
        ['2026-03-01T00:00:00.000Z', 1],
      ],
    ],
    // An hour ahead: its March begins at 23:00 of UTC.
    [
      'Europe/Berlin',
      [
        ['2026-01-31T23:00:00.000Z', 1],
        ['2026-02-28T23:00:00.000Z', 3],
      ],
    ],
  ])('of %s end where they end there, whatever the zone of the session', (zone, expected) =>
    undone(db, async (sql) => {
      await sql`set local timezone = 'Pacific/Kiritimati'`;
      const person = await addPerson(sql);
      await giveTime(sql, person, 36_000);
      for (const at of ENDS) await talk(sql, person, at);
      const calls = async () => {
        const [first] = expected as [string, number][];
        const answer = await ask(
          sql,
          'board_time',
          String(first?.[0]),
          '2026-03-31T22:00:00Z',
          'month',
          zone,
        );
        return answer.calls.map((row) => [row.step, row.calls]);
      };
      expect(await calls()).toEqual(expected);
      await sql`insert into private.rolled_up (is_one, upto) select true, '0' on conflict (is_one) do nothing`;
      // Rolled up within this very transaction, which no other run would do: the sums say the same.
      await sql`select private.add_all(t.calls, t.entries, t.changes, t.since, null) from private.tail() t`;
      await sql`delete from private.settled_calls`;
      expect(await calls()).toEqual(expected);
    }),
  );

  test('with summer time a day has 23 hours, and all of them', () =>
    undone(db, async (sql) => {
      const { steps } = await ask(
        sql,
        'board_time',
        '2026-03-27T23:00:00Z',
        '2026-03-30T22:00:00Z',
        'day',
        'Europe/Berlin',
      );
      expect(steps).toEqual([
        '2026-03-27T23:00:00.000Z',
        '2026-03-28T23:00:00.000Z',
        '2026-03-29T22:00:00.000Z',
      ]);
    }));

  test.each([
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', 'day', 'UTC'],
    ['2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'hour', 'UTC'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'minute', 'UTC'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'day', 'Nowhere/At_All'],
  ])('a range from %s to %s by %s in %s is refused', async (...range) => {
    await expect(ask(db.sql, 'board_time', ...range)).rejects.toMatchObject({ code: '22023' });
  });
});

describe('voice', () => {
  test('the parts of each percentile add up to it, also where they overlap and where one is not known', () =>
    undone(db, async (sql) => {
      const person = await addPerson(sql);
      await giveTime(sql, person, 36_000);
      const turns: Turn[] = [
        [400, 200, 300, 150, 900],
        // The model began before the turn was over: only what was waited for of it counts.
        [700, 300, 2000, 150, 1000],
        [null, 0, 500, null, 950],
        [300, 100, 5000, 400, 6000],
        [100, 0, 0, 0, null],
      ];
      await talk(sql, person, '2026-05-05T12:30:00Z', { turns, version: '1.2.0' });
      const { all, by_version, by_step } = await ask(
        sql,
        'board_voice',
        '2026-05-05T00:00:00Z',
        '2026-05-06T00:00:00Z',
        'day',
        'UTC',
      );
      for (const { waits } of [all, ...by_version, ...by_step])
        for (const part of [waits.p50, waits.p95, waits.p99]) {
          const { whole_ms, ...parts } = part;
          expect((Object.values(parts) as number[]).reduce((sum, ms) => sum + ms)).toBe(whole_ms);
          for (const ms of Object.values(parts)) expect(ms).toBeGreaterThanOrEqual(0);
        }
      expect(all.waits.p99).toEqual({
        whole_ms: 6000,
        end_of_turn_ms: 300,
        llm_ms: 5000,
        tts_ms: 400,
        other_ms: 300,
      });
      // 900, 950 and 1000 fall into one slot or the next: within 15 %.
      expect(Math.abs(Number(all.waits.p50.whole_ms) - 950)).toBeLessThan(950 * 0.15);
      expect(all).toMatchObject({ calls: 1, turns: 5, interruptions: 1, quality: 80 });
      expect(by_version).toMatchObject([{ version: '1.2.0', calls: 1 }]);
    }));

  test('measures that make no sense count the call and nothing else', () =>
    undone(db, async (sql) => {
      const person = await addPerson(sql);
      await giveTime(sql, person, 36_000);
      const callId = await talk(sql, person, '2026-05-05T12:30:00Z');
      for (const latest of [
        '"x"',
        '[[], 5, {"a": 1}, ["x", null, [], {}, "900"]]',
        '[[1e300, 0, -5, 1, 1e300]]',
      ]) {
        await sql`update calls set measures = measures || jsonb_build_object('latest_turns', ${latest}::text::jsonb,
          'errors_by_provider', '[1]'::jsonb, 'false_interruptions', '"many"'::jsonb) where id = ${callId}`;
        const { all } = await ask(
          sql,
          'board_voice',
          '2026-05-05T00:00:00Z',
          '2026-05-06T00:00:00Z',
          'day',
          'UTC',
        );
        expect(all).toMatchObject({ calls: 1, false_interruptions: 0 });
      }
    }));
});

describe('people', () => {
  test('who was active in a range is counted once in it, and retention by the month of signing up', () =>
    undone(db, async (sql) => {
      const [ann, bob] = [await addPerson(sql), await addPerson(sql)];
      for (const person of [ann, bob]) await giveTime(sql, person, 36_000);
      const month = (ago: number) => {
        const at = new Date();
        at.setUTCDate(1);
        at.setUTCMonth(at.getUTCMonth() - ago);
        return at.toISOString().slice(0, 7);
      };
      await sql`update users set created_at = ${`${month(2)}-01T00:00:00Z`} where id = ${ann}`;
      await sql`update private.people_changes set at = ${`${month(2)}-01T00:00:00Z`} where ctid = (select min(ctid) from private.people_changes)`;
      for (const day of ['03', '04', '20']) await talk(sql, ann, `${month(1)}-${day}T10:00:00Z`);
      await talk(sql, ann, `${month(2)}-02T10:00:00Z`);
      await talk(sql, bob, `${month(1)}-04T10:00:00Z`);
      const { active, in_range } = await ask(
        sql,
        'board_people',
        `${month(1)}-03T00:00:00Z`,
        `${month(1)}-21T00:00:00Z`,
        'day',
        'UTC',
      );
      expect(in_range).toEqual({ active: 2, returning: 1 });
      expect(
        active
          .filter((row) => row.people > 0)
          .map((row) => [row.step.slice(8, 10), row.people, row.returning]),
      ).toEqual([
        ['03', 1, 1],
        ['04', 2, 1],
        ['20', 1, 1],
      ]);
      const cohorts = (await ask(sql, 'board_retention', 3)) as unknown as {
        month: string;
        active: object[];
      }[];
      expect(cohorts.find((cohort) => cohort.month === month(2))).toEqual({
        month: month(2),
        people: 1,
        active: [
          { month: month(2), people: 1 },
          { month: month(1), people: 1 },
        ],
      });
    }));
});

describe('the check of a night', () => {
  test('a day whose sums are right stays; one of which a row is wrong, missing or too many is replaced, and a finding says so', async () => {
    const person = await addPerson(db.sql);
    await buy(createBank(overSql(db.sql)), person, 'starter');
    await talk(db.sql, person, new Date(Date.now() - 86_400_000).toISOString(), { turns: [[1, 1, 1, 1, 5]] });
    await rollUpAll(db.sql);
    const day = new Date().toISOString().slice(0, 10);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    expect(await ask(db.sql, 'check_figures', day)).toMatchObject({ status: 'same' });
    expect(await ask(db.sql, 'check_figures', yesterday)).toMatchObject({ status: 'same' });
    await db.sql`update private.time_figures set seconds = seconds + 1 where grain = 'hour' and reason = 'grant'`;
    expect(await ask(db.sql, 'check_figures', day)).toMatchObject({
      status: 'replaced',
      tables: ['time_figures'],
    });
    await db.sql`delete from private.call_figures where grain = 'day'`;
    await db.sql`update private.active_people set people = people + 1`;
    expect(await ask(db.sql, 'check_figures', yesterday)).toMatchObject({
      status: 'replaced',
      tables: ['active_people', 'call_figures'],
    });
    expect(await differencesOf(db.sql)).toEqual([]);
    for (const at of [day, yesterday])
      expect(await ask(db.sql, 'check_figures', at)).toMatchObject({ status: 'same' });
    const found =
      await db.sql`select subject from reconciliation_findings where kind = 'figures_differ' order by subject`;
    expect(found.map(({ subject }) => subject)).toEqual([yesterday, day]);
    // A random day is one that there is.
    expect((await ask(db.sql, 'check_figures')).status).toMatch(/same|replaced/);
  });

  test('after a dump was restored into another server nothing is rolled up before somebody says so', async () => {
    await db.sql`update private.rolled_up set upto = (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000)::text::xid8`;
    expect(await rollUp(db.sql)).toBe('busy');
    await db.sql`select private.begin_figures_anew()`;
    expect(await rollUp(db.sql)).not.toBe('busy');
    await rollUpAll(db.sql);
    expect(await differencesOf(db.sql)).toEqual([]);
  });
});
