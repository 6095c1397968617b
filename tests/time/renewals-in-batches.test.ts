import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { createBank, overSql } from './bank.ts';
import { addPerson, giveTime, lapse, violations } from './people.ts';
import { callsOf, type Report, type Row, renewCalls } from './renewals.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const callModel = fc.record({
  person: fc.nat(2),
  slice: fc.constantFrom(1, 4, 30, 60),
  earlierMs: fc.oneof(fc.constant(0), fc.nat(40_000)),
  state: fc.constantFrom('live', 'live', 'live', 'taken over', 'settled', 'unknown', 'stale report'),
  usedMs: fc.oneof(fc.constant(0), fc.nat(35_000), fc.nat(200_000)),
  restoredMs: fc.oneof(fc.constant(0), fc.nat(20_000)),
});
type CallModel = typeof callModel extends fc.Arbitrary<infer Model> ? Model : never;
const scene = fc.record({
  seconds: fc.tuple(...[0, 1, 2].map(() => fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(5000)))),
  calls: fc.array(callModel, { minLength: 1, maxLength: 8 }),
});

async function arrange(sql: postgres.ISql, seconds: readonly number[], calls: readonly CallModel[]) {
  const bank = createBank(overSql(sql));
  const people: string[] = [];
  for (const amount of seconds) {
    const person = await addPerson(sql);
    await giveTime(sql, person, amount);
    people.push(person);
  }
  const reports: Report[] = [];
  for (const call of calls) {
    const { usedMs, restoredMs, state } = call;
    const callId = randomUUID();
    const options = { callId, room: callId, slice: call.slice, max: 20 };
    const userId = people[call.person] ?? '';
    if (state !== 'unknown') await bank.open(userId, options);
    if (state === 'taken over') await bank.open(userId, options);
    let epoch = state === 'taken over' ? 2 : 1;
    await bank.renew(callId, epoch, call.earlierMs);
    if (state === 'settled') await bank.settle(callId, epoch, call.earlierMs);
    if (state === 'stale report') epoch += 1;
    reports.push({ callId, epoch, usedMs, restoredMs });
    // Due for the reaper, so that it shows whether the lease was extended.
    await lapse(sql, callId);
  }
  return { bank, people, reports };
}

class Undo extends Error {}
/** Does something in a transaction, and undoes it. */
async function undone<Result>(
  sql: { begin?: postgres.Sql['begin']; savepoint?: postgres.TransactionSql['savepoint'] },
  action: (sql: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> {
  let result: Result | undefined;
  const run = async (inner: postgres.TransactionSql) => {
    result = await action(inner);
    throw new Undo();
  };
  const doing = sql.savepoint ? sql.savepoint(run) : sql.begin?.(run);
  await doing?.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
  return result as Result;
}

async function checkGrants(sql: postgres.ISql, people: readonly string[], rows: readonly Row[]) {
  // Includes I2 and I3: nothing is held twice, nor beyond what is owned.
  expect(await violations(sql)).toEqual([]);
  const calls = await sql<{ id: string; ahead: number; slice: number; free: number }[]>`
    select v.id, v.granted_seconds - ceil(v.used_ms / 1000.0)::int as ahead, v.slice_seconds as slice,
      (a.balance_seconds - a.held_seconds)::int as free
    from public.voice_sessions v join public.time_accounts a using (user_id)
    where v.user_id = any(${[...people]}::uuid[]) and v.status = 'open'`;
  for (const row of rows.filter(({ status }) => status === 'renewed')) {
    const call = calls.find(({ id }) => id === row.call_id);
    expect(row.free_seconds).toBe(call?.free);
    expect(row.final).toBe(call?.free === 0);
    expect(call?.ahead).toBeLessThanOrEqual(call?.slice ?? 0);
    // While anything is free, nobody is left with less than the five seconds that make a warning of use.
    if (call?.free !== 0) expect(call?.ahead).toBeGreaterThanOrEqual(Math.min(5, call?.slice ?? 0));
  }
}

async function compare({ seconds, calls }: { seconds: readonly number[]; calls: CallModel[] }) {
  await undone(db.sql, async (sql) => {
    const { people, reports } = await arrange(sql, seconds, calls);
    const ids = reports.map(({ callId }) => callId);
    const alone = await undone(sql, async (inner) => {
      const answers = [];
      const ask = overSql(inner);
      for (const { callId, epoch, usedMs, restoredMs } of reports) {
        const args = { p_call_id: callId, p_epoch: epoch, p_used_ms: usedMs, p_restored_ms: restoredMs };
        answers.push((await ask('renew_call', args)) as Row);
      }
      return { answers, calls: await callsOf(inner, ids) };
    });
    const rows = await renewCalls(sql, reports);
    expect(rows).toHaveLength(reports.length);
    expect(await callsOf(sql, ids)).toEqual(alone.calls);
    await checkGrants(sql, people, rows);
    reports.forEach(({ callId }, i) => {
      const row = rows.find(({ call_id }) => call_id === callId);
      const answer = alone.answers[i];
      expect(row?.status).toBe(answer?.status);
      const person = calls[i]?.person;
      const isOnly = calls.filter((call) => call.person === person).length === 1;
      if (isOnly && row?.status === 'renewed') expect(answer).toMatchObject(row);
    });
  });
}

const property = fc.asyncProperty(scene, compare);

test('a batch does what as many single renewals do, and grants no more than is free', async () => {
  await fc.assert(property, { numRuns: times(50, 150) });
});

/** What a wrong renew_calls does around the right one, which takes these arguments. */
type Mistake = { epochs?: string; usedMs?: string; restoredMs?: string; status?: string; after?: string };
const perCall = (value: string) => `array(select ${value} from unnest(p_call_ids, p_epochs, p_used_ms)
  with ordinality as t (id, epoch, used_ms, n) left join public.holds v using (id) order by n)`;
const touch = (change: string) => `update public.holds set ${change} where id = any(p_call_ids);`;

const MISTAKES: [mistake: string, wrong: Mistake][] = [
  ['the epoch is not looked at', { epochs: perCall('coalesce(v.epoch, t.epoch)') }],
  ['a renewal adds up deltas', { usedMs: perCall('coalesce(v.used_ms, 0) + t.used_ms') }],
  ['what was restored is forgotten', { restoredMs: 'array_fill(0::bigint, array[cardinality(p_call_ids)])' }],
  ['a settled call seems to be renewed', { status: "replace(r.status, 'call_settled', 'renewed')" }],
  ['a fenced worker seems to own the call', { status: "replace(r.status, 'fenced', 'renewed')" }],
  ['a second is granted twice', { after: touch('amount = amount + 1') }],
  ['a late smaller counter counts', { after: touch('used_ms = 0, restored_ms = 0') }],
  ['the lease is not extended', { after: touch("lease_expires_at = now() - interval '1 second'") }],
  [
    'less is held than is granted',
    { after: touch('amount = amount - 1, used_ms = least(used_ms, (amount - 1) * 1000), restored_ms = 0') },
  ],
];

async function replaceRenewCalls(wrong: Mistake): Promise<void> {
  const { epochs = 'p_epochs', usedMs = 'p_used_ms', restoredMs = 'p_restored_ms' } = wrong;
  await db.sql.unsafe('alter function public.renew_calls rename to renew_calls_right');
  await db.sql.unsafe(`
    create function public.renew_calls(p_call_ids uuid[], p_epochs int[], p_used_ms bigint[], p_restored_ms bigint[])
    returns table (call_id uuid, status text, epoch int, granted_seconds bigint, free_seconds bigint, live_calls int,
      final boolean) language plpgsql as $$
    #variable_conflict use_column
    begin
      return query select r.call_id, ${wrong.status ?? 'r.status'}, r.epoch, r.granted_seconds, r.free_seconds,
        r.live_calls, r.final from public.renew_calls_right(p_call_ids, ${epochs}, ${usedMs}, ${restoredMs}) r;
      ${wrong.after ?? ''}
    end $$`);
}

describe('the comparison finds a mistake', () => {
  afterEach(async () => {
    await db.sql.unsafe('drop function public.renew_calls');
    await db.sql.unsafe('alter function public.renew_calls_right rename to renew_calls');
  });

  test.each(MISTAKES)(
    '%s',
    async (_mistake, wrong) => {
      await replaceRenewCalls(wrong);
      const result = await fc.check(property, { numRuns: 500, seed: 20261120, endOnFailure: true });
      expect(result.failed).toBe(true);
      expect(String(result.errorInstance)).toContain('AssertionError');
    },
    120_000,
  );
});
