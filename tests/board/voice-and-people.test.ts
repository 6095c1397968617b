import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { ask, type Turn, talk } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

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
