import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound } from '../support/mistakes.ts';
import { ask } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

// Summer time in both hemispheres, half and quarter hours, a day that was left out, and the two ends of the world.
const ZONES = [
  ...[
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
  ],
  ...['Pacific/Kiritimati', 'Pacific/Apia', 'Pacific/Pago_Pago', 'Pacific/Chatham'],
];
const HOUR_MS = 3_600_000;
const LONGEST_DAYS = { hour: 8, day: 367, week: 800, month: 800 };

/** Hours that a step is made of, each as often as it is counted: what is taken away again counts less. */
const PIECES = `select name, h as hour, sum(sign)::int as times from private.steps($1, $2, $3, $4) s
  cross join lateral generate_series(s.since, s.until - interval '1 hour', '1 hour') h group by 1, 2 having sum(sign) <> 0`;
const WHOLE = `select distinct name, h as hour, 1 as times from private.steps($1, $2, $3, $4) s
  cross join lateral generate_series(s.step, s.step_end - interval '1 hour', '1 hour') h`;

const madeOfPieces = () =>
  fc.asyncProperty(
    fc.record({
      zone: fc.constantFrom(...ZONES),
      step: fc.constantFrom('hour', 'day', 'week', 'month') as fc.Arbitrary<keyof typeof LONGEST_DAYS>,
      // Around leap days and changes of the clock as well as anywhere.
      fromMs: fc.oneof(
        fc.integer({ min: 0, max: 24 * 1200 }).map((hours) => Date.UTC(2024, 0, 1) + hours * HOUR_MS),
        fc.constantFrom(Date.UTC(2024, 1, 28, 23), Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 9, 24, 20)),
      ),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
    }),
    async ({ zone, step, fromMs, share }) => {
      const hours = Math.max(1, Math.round(LONGEST_DAYS[step] * 24 * share) - 1);
      const range = [new Date(fromMs), new Date(fromMs + hours * HOUR_MS)].map((at) => at.toISOString());
      const args = [...range, step, zone];
      const wrong = await db.sql.unsafe(
        `(${PIECES} except ${WHOLE}) union all (${WHOLE} except ${PIECES})`,
        args,
      );
      expect(wrong).toEqual([]);
      const [covered] = await db.sql.unsafe(
        `select count(*)::int as hours, count(distinct hour)::int as once from (${WHOLE}) w`,
        args,
      );
      expect(covered).toEqual({ hours, once: hours });
    },
  );

test('months, days and hours of UTC make up each step of a range to the hour, in any zone, and steps make up the range', () =>
  fc.assert(madeOfPieces(), { numRuns: times(60, 600) }));

test('finds: what a month of UTC has and a month of the zone has not is added instead of taken away', () =>
  expectFound(
    db,
    ['added', 'private.steps', "select -1, 'hour', w.since", "select 1, 'hour', w.since"],
    madeOfPieces(),
    60,
  ));

test('a year of a zone that is not UTC is a few dozen pieces', async () => {
  const [row] =
    await db.sql`select count(*)::int as pieces, max(until - since) > interval '27 days' as has_months
    from private.steps('2025-12-31T23:00:00Z', '2026-12-31T23:00:00Z', 'month', 'Europe/Berlin')`;
  expect(row).toEqual({ pieces: 36, has_months: true });
});

test('an empty installation answers every question', async () => {
  const range = ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'month', 'Asia/Tokyo'];
  const answers = {
    money: await ask(db.sql, 'board_money', ...range, 'booked'),
    time: await ask(db.sql, 'board_time', ...range),
    people: await ask(db.sql, 'board_people', ...range),
    voice: await ask(db.sql, 'board_voice', ...range),
    support: await ask(db.sql, 'board_support', ...range),
  };
  for (const { steps } of Object.values(answers)) expect(steps).toHaveLength(13);
  expect(answers.money).toMatchObject({ money: [], fees: [], packages: [] });
  expect(answers.time).toMatchObject({ time: [], owed: [], waiting: [], calls: [], earned: [] });
  expect(answers.voice).toMatchObject({ all: { calls: 0, turns: 0, quality: null, waits: {} }, by_step: [] });
  expect(answers.support).toMatchObject({ open: 0, requests: 0, answer_seconds: {}, by_version: [] });
  expect(await ask(db.sql, 'board_trials', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')).toEqual({
    claimed: 0,
    talked: 0,
    bought: 0,
  });
});
