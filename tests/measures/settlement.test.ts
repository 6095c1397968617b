import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '../../shared/database/types.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime, lapse, violations } from '../time/people.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const MEASURES = {
  turns: 7,
  interruptions: 1,
  errors: 2,
  latency_p50_ms: 900,
  latency_p95_ms: 2100,
  provider_cost_micros: 12_345,
  quality: 88,
  unpriced: [],
  tool_calls: 3,
};

async function openCall(): Promise<string> {
  const person = await addPerson(db.sql);
  await giveTime(db.sql, person, 100);
  const callId = randomUUID();
  await createBank(overSql(db.sql)).open(person, { callId });
  return callId;
}

/** As the worker does it, by the product's client. */
async function settle(callId: string, measures?: Json) {
  const { data, error } = await db.service.rpc('settle_call', {
    p_call_id: callId,
    p_epoch: 1,
    p_used_ms: 20_999,
    p_end_reason: 'said_goodbye',
    ...(measures !== undefined && { p_measures: measures }),
  });
  if (error) throw error;
  return data;
}

async function rowOf(callId: string) {
  const [row] = await db.sql`select * from public.calls where id = ${callId}`;
  return row;
}

test('measures are written with the bill, and what is asked often has a column', async () => {
  const callId = await openCall();
  expect(await settle(callId, MEASURES)).toMatchObject({
    status: 'settled',
    receipt: { charged_seconds: 20 },
  });
  const { unpriced, tool_calls, provider_cost_micros, ...columns } = MEASURES;
  expect(await rowOf(callId)).toMatchObject({
    ...columns,
    provider_cost_micros,
    measures: { unpriced, tool_calls },
  });
});

test('a bill without measures has none, and a repeat of it changes nothing', async () => {
  const callId = await openCall();
  await settle(callId);
  const answer = await settle(callId, MEASURES);
  expect(answer).toMatchObject({ replayed: true });
  expect(await rowOf(callId)).toMatchObject({
    status: 'settled',
    turns: null,
    measures: null,
    quality: null,
  });
});

test('a call that the reaper settles has no measures', async () => {
  const callId = await openCall();
  await lapse(db.sql, callId);
  await createBank(overSql(db.sql)).reap();
  expect(await rowOf(callId)).toMatchObject({ settled_by: 'reaper', turns: null, measures: null });
});

test('there is one settle_call, so that a call by name finds it', async () => {
  const [found] = await db.sql`select count(*)::int as n from pg_proc where proname = 'settle_call'`;
  expect(found?.n).toBe(1);
});

test.each<[string, Json, string]>([
  ['no object', 7, 'malformed'],
  ['a list', [1, 2], 'malformed'],
  ['nothing in it', {}, 'malformed'],
  ['words for numbers', { ...MEASURES, turns: 'seven' }, 'malformed'],
  ['less than nothing', { ...MEASURES, provider_cost_micros: -1 }, 'malformed'],
  ['more than all', { ...MEASURES, quality: 101 }, 'malformed'],
  ['a number beyond bigint', { ...MEASURES, provider_cost_micros: 1e30 }, 'malformed'],
  ['no list of models without a price', { ...MEASURES, unpriced: 'all' }, 'malformed'],
  ['too much', { ...MEASURES, more: 'x'.repeat(40_000) }, 'too_large'],
])('measures with %s are dropped, which is noted, and the bill is written', async (_what, measures, why) => {
  const callId = await openCall();
  expect(await settle(callId, measures)).toMatchObject({ receipt: { charged_seconds: 20 } });
  expect(await rowOf(callId)).toMatchObject({ charged_seconds: 20, turns: null, measures: { dropped: why } });
});

test('whatever the measures are, the bill is the same to the second, and receipts fit', async () => {
  const amount = fc.oneof(fc.integer({ min: -5, max: 5_000 }), fc.constant(null), fc.string(), fc.double());
  const nearlyRight = fc.record(
    Object.fromEntries(Object.keys(MEASURES).map((key) => [key, fc.oneof(amount, fc.jsonValue())])),
    { requiredKeys: [] },
  );
  const measures = fc.oneof(fc.jsonValue(), nearlyRight, fc.constant(MEASURES));
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(measures, fc.integer({ min: 0, max: 40_000 }), async (some, usedMs) => {
      const [callId, twinId] = [await openCall(), await openCall()];
      const bill = async (id: string, value: unknown) => {
        await db.sql`select public.settle_call(${id}, 1, ${usedMs}, 'x', '[]', 0, ${db.sql.json(value as Json)})`;
        const row = await rowOf(id);
        const { charged_seconds, used_ms, balance_seconds, windows } = row?.receipt ?? {};
        if (value !== null && row?.turns !== null) stored++;
        return { charged_seconds, used_ms, balance_seconds, windows };
      };
      // PostgreSQL has no text with a zero in it; the worker's names of models have none either.
      const sent = JSON.parse(JSON.stringify(some).replaceAll('\\u0000', '')) as unknown;
      expect(await bill(callId, sent)).toEqual(await bill(twinId, null));
    }),
    { numRuns: times(50, 150), seed: 20261120 },
  );
  expect(stored).toBeGreaterThan(10);
  expect(await violations(db.sql)).toEqual([]);
});

test('a bill would be lost with its measures, were it not for the handler', async () => {
  const [found] = await db.sql`select pg_get_functiondef('private.write_measures'::regproc) as text`;
  const handler = 'exception when others then';
  expect(found?.text).toContain(handler);
  await db.sql.unsafe(found?.text.replace(handler, 'exception when unique_violation then'));
  // The gateway prints it.
  vi.spyOn(console, 'error').mockImplementationOnce(() => {});
  const callId = await openCall();
  await expect(settle(callId, {})).rejects.toMatchObject({ code: 'PT400' });
  expect(await rowOf(callId)).toMatchObject({ status: 'open' });
});
