import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createBank, overSql } from './bank.ts';
import { accountOf, addPerson, giveTime, violations } from './people.ts';
import { callsOf, openMany, type Report, type Row, renewCalls } from './renewals.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('500 calls of 500 people in one statement', async () => {
  const people = [];
  for (let i = 0; i < 500; i++) people.push(await addPerson(db.sql));
  await Promise.all(people.map((person) => giveTime(db.sql, person, 3600)));
  const reports = await openMany(db.sql, people, 1);
  const rows = await renewCalls(db.sql, reports);
  expect(new Set(rows.map(({ call_id }) => call_id)).size).toBe(500);
  for (const row of rows) {
    expect(row).toMatchObject({ status: 'renewed', granted_seconds: 40, free_seconds: 3560, final: false });
  }
  expect(await violations(db.sql)).toEqual([]);
});

test.each([1_000_000, 15_777, 12_000, 2_500])(
  '500 calls of one person who owns %i s: no second is granted twice',
  async (owned) => {
    const person = await addPerson(db.sql);
    await giveTime(db.sql, person, owned);
    const opened = (await openMany(db.sql, [person], 500)).filter(({ callId }) => callId !== null);
    const before = await accountOf(db.sql, person);
    const rows = await renewCalls(db.sql, opened);
    const { held, live } = await accountOf(db.sql, person);
    expect([rows.length, live]).toEqual([opened.length, opened.length]);
    expect(rows.reduce((sum, row) => sum + (row.granted_seconds ?? 0), 0)).toBe(held);
    expect(held).toBeLessThanOrEqual(owned);
    expect(held).toBeGreaterThanOrEqual(before.held);
    expect(rows.every((row) => row.free_seconds === owned - held && row.final === (held === owned))).toBe(
      true,
    );
    expect(await violations(db.sql)).toEqual([]);
  },
  60_000,
);

test('a call that is in a batch twice is renewed once, at its latest report', async () => {
  const person = await addPerson(db.sql);
  await giveTime(db.sql, person, 3600);
  const [report] = await openMany(db.sql, [person], 1);
  if (report === undefined) throw new Error('no call');
  const rows = await renewCalls(db.sql, [report, { ...report, usedMs: 25_000 }, { ...report, usedMs: 0 }]);
  expect(rows).toMatchObject([{ status: 'renewed', granted_seconds: 55 }]);
  expect((await accountOf(db.sql, person)).held).toBe(55);
});

test('batches, single renewals and settlements of the same people get on with each other', async () => {
  const people = [];
  for (let i = 0; i < 40; i++) people.push(await addPerson(db.sql));
  for (const person of people) await giveTime(db.sql, person, 200);
  const reports = await openMany(db.sql, people, 2);
  const bank = createBank(overSql(db.sql));
  const shuffled = (round: number) =>
    reports
      .map((one) => ({ ...one, usedMs: round * 2000 }))
      .sort((a, b) => (a.callId.charCodeAt(round) - b.callId.charCodeAt(round)) * (round % 2 ? 1 : -1));
  await Promise.all(
    Array.from({ length: 6 }, async (_, round) => {
      await renewCalls(db.sql, shuffled(round));
      for (const { callId } of shuffled(round).slice(0, 15)) await bank.renew(callId, 1, round * 2500);
      for (const { callId } of shuffled(round).slice(-3)) await bank.settle(callId, 1, round * 3000);
    }),
  );
  expect(await violations(db.sql)).toEqual([]);
});

describe('a batch that had to wait goes by what it finds then', () => {
  let person: string;
  let report: Report;
  beforeEach(async () => {
    person = await addPerson(db.sql);
    await giveTime(db.sql, person, 100);
    const [opened] = await openMany(db.sql, [person], 1);
    if (opened === undefined) throw new Error('no call');
    report = opened;
  });

  /** Sends a batch while somebody else is at work with the call, and lets both come to their end. */
  async function renewBehind(work: (bank: ReturnType<typeof createBank>) => Promise<unknown>) {
    let batch: Promise<Row[]> | undefined;
    await db.sql.begin(async (sql) => {
      await work(createBank(overSql(sql)));
      batch = renewCalls(db.sql, [report]);
      const waits = async () =>
        (
          await db.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'
          and datname = current_database() and query like '%renew_calls%'`
        ).length > 0;
      while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const [row] = (await batch) ?? [];
    const [stored] = await callsOf(db.sql, [report.callId]);
    expect(await violations(db.sql)).toEqual([]);
    return { row, stored };
  }

  test('a larger report', async () => {
    const { row, stored } = await renewBehind((bank) => bank.renew(report.callId, 1, 25_000));
    expect(row).toMatchObject({ status: 'renewed', granted_seconds: 55, free_seconds: 45 });
    expect(stored).toMatchObject({ used_ms: 25_000, renewals: 3 });
  });

  test('a smaller report', async () => {
    const { row, stored } = await renewBehind((bank) => bank.renew(report.callId, 1, 4_000));
    expect(row).toMatchObject({ status: 'renewed', granted_seconds: 40, free_seconds: 60 });
    expect(stored).toMatchObject({ used_ms: 10_000 });
  });

  test('time that another call took', async () => {
    const { row } = await renewBehind((bank) => bank.open(person, { slice: 70, max: 20 }));
    expect(row).toMatchObject({ status: 'renewed', live_calls: 2 });
    const { held } = await accountOf(db.sql, person);
    expect(row?.free_seconds).toBe(100 - held);
  });

  test('the end of the call', async () => {
    const { row, stored } = await renewBehind((bank) => bank.settle(report.callId, 1, 7_000));
    expect(row).toMatchObject({ status: 'call_settled', granted_seconds: null });
    expect(stored).toMatchObject({ status: 'settled', used_ms: 7_000 });
  });

  test('another worker', async () => {
    const [call] = await db.sql<{ room: string }[]>`
      select room_name as room from public.voice_sessions where id = ${report.callId}`;
    const { row, stored } = await renewBehind((bank) =>
      bank.open(person, { callId: report.callId, room: call?.room ?? '', max: 20 }),
    );
    expect(row).toMatchObject({ status: 'fenced', epoch: 2 });
    expect(stored).toMatchObject({ epoch: 2, used_ms: 0 });
  });
});
