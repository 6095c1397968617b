import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { analyticsResponse } from '../../shared/api/accounts.ts';
import { type OperatorAnalytics, operatorAnalyticsResponse } from '../../shared/api/operator-analytics.ts';
import { callsResponse } from '../../shared/api/receipts.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { type Bank, buy, createBank, overSql } from '../time/bank.ts';
import { giveTime, violations } from '../time/people.ts';

let sidecar: TestSidecar;
let bank: Bank;
let operator: Person;
let person: Person;
/** As far back as the days of calls that another test made. */
let daysAgo = 0;
beforeAll(async () => {
  sidecar = await startSidecar();
  bank = createBank(overSql(sidecar.database.sql));
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
  daysAgo += 2;
});
afterAll(async () => {
  expect(await violations(sidecar.database.sql)).toEqual([]);
  await sidecar.close();
});

const MEASURES = {
  turns: 4,
  interruptions: 1,
  errors: 0,
  latency_p50_ms: 900,
  latency_p95_ms: 2100,
  provider_cost_micros: 30_000,
  quality: 90,
  unpriced: [] as string[],
};

/** A call on the day of this test, by its beginning. */
async function call(seconds: number, measures: Partial<typeof MEASURES> | null = {}, by = person) {
  const callId = randomUUID();
  await bank.open(by.id, { callId, slice: 3600 });
  const { sql, service } = sidecar.database;
  await sql`update calls set opened_at = now() - make_interval(days => ${daysAgo}) where id = ${callId}`;
  await service.rpc('settle_call', {
    p_call_id: callId,
    p_epoch: 1,
    p_used_ms: seconds * 1000,
    p_end_reason: 'said_goodbye',
    ...(measures !== null && { p_measures: { ...MEASURES, ...measures } }),
  });
  return callId;
}

const ask = (by: Person, query = '') => sidecar.get(`/operator/analytics${query}`, { person: by });
async function today(): Promise<OperatorAnalytics['days'][number] | undefined> {
  const { days } = operatorAnalyticsResponse.parse((await ask(operator, `?days=${daysAgo + 1}`)).body);
  return days[0];
}

test('people see what their calls were like, and what they cost us is not theirs to see', async () => {
  await giveTime(sidecar.database.sql, person.id, 7200);
  const first = await call(60);
  const second = await call(60, { turns: 2, interruptions: 0, latency_p50_ms: 1300, quality: 71 });
  await call(10, null);
  const { body } = await sidecar.get(`/user/${person.id}/analytics`, { person });
  const { conversation, calls } = analyticsResponse.parse(body);
  expect(conversation).toEqual({
    measured_calls: 2,
    turns: 6,
    interruptions: 1,
    latency_p50_ms: 1100,
    quality: 81,
  });
  expect(calls).toMatchObject([
    { call_id: first, turns: 4, latency_p50_ms: 900, latency_p95_ms: 2100, quality: 90 },
    { call_id: second, turns: 2, latency_p50_ms: 1300, quality: 71 },
  ]);
  const list = callsResponse.parse((await sidecar.get(`/user/${person.id}/calls`, { person })).body);
  expect(list.calls.map(({ turns, latency_p50_ms, quality }) => [turns, latency_p50_ms, quality])).toEqual([
    [null, null, null],
    [2, 1300, 71],
    [4, 900, 90],
  ]);
  expect(JSON.stringify([body, list])).not.toMatch(/micros|margin|earned/);
});

test('not by the way around, either: the column of the cost is closed to people, the others are open', async () => {
  await giveTime(sidecar.database.sql, person.id, 7200);
  const callId = await call(60);
  const own = person.client.from('calls');
  // The gateway prints every refusal.
  vi.spyOn(console, 'error')
    .mockImplementationOnce(() => {})
    .mockImplementationOnce(() => {});
  expect((await own.select('id, turns, quality, receipt')).data).toMatchObject([{ id: callId, turns: 4 }]);
  expect((await own.select('provider_cost_micros')).error?.code).toBe('42501');
  expect((await own.select('measures')).error?.code).toBe('42501');
});

test('the margin is what the seconds earned less what providers cost, by hand', async () => {
  await buy(bank, person.id, 'starter');
  await call(600);
  await call(300, { provider_cost_micros: 20_000, errors: 3, latency_p95_ms: 4000 });
  // 9.99 dollars for 3600 seconds: 2775 millionths a second, 900 of them.
  expect(await today()).toMatchObject({
    calls: 2,
    measured_calls: 2,
    charged_seconds: 900,
    errors: 3,
    earned_micros: 2_497_500,
    provider_cost_micros: 50_000,
    margin_micros: 2_447_500,
    calls_not_fully_priced: 0,
  });
});

test('bonus seconds dilute what a card earns, and a refund takes its part', async () => {
  const { intentId } = await buy(bank, person.id, 'basic');
  const [card] = await sidecar.database.sql`
    select paid_seconds + bonus_seconds as seconds from time_cards where user_id = ${person.id}`;
  const seconds = Number(card?.seconds);
  expect(seconds).toBeGreaterThan(5 * 3600);
  await call(1000);
  expect((await today())?.earned_micros).toBe(Math.round((1000 * 44_990_000) / seconds));
  await bank.refund(intentId, 2000);
  expect((await today())?.earned_micros).toBe(Math.round((1000 * 24_990_000) / seconds));
});

test('a gift earns what its giver paid, goodwill nothing', async () => {
  const giver = await sidecar.database.signUp();
  const { code } = await buy(bank, giver.id, 'starter', 'gift');
  await bank.activate(person.id, code);
  await call(360);
  const other = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, other.id, 600);
  await call(600, {}, other);
  expect(await today()).toMatchObject({ earned_micros: 999_000, margin_micros: 999_000 - 60_000 });
});

test('what was paid in another currency is counted apart', async () => {
  const { cardId } = await buy(bank, person.id, 'starter');
  await sidecar.database.sql`update purchases set currency = 'eur' where id = ${cardId}`;
  await call(360);
  const { body } = await ask(operator, `?days=${daysAgo + 1}`);
  const answer = operatorAnalyticsResponse.parse(body);
  expect(answer.days[0]).toMatchObject({ charged_seconds: 360, earned_micros: 0, margin_micros: -30_000 });
  expect(answer.earned_in_other_currencies).toEqual({ eur: 999_000 });
  // Stripe counts yen whole, and dinars in thousandths.
  for (const [currency, earned] of Object.entries({ jpy: 99_900_000, kwd: 99_900 })) {
    await sidecar.database.sql`update purchases set currency = ${currency} where id = ${cardId}`;
    const other = operatorAnalyticsResponse.parse((await ask(operator, `?days=${daysAgo + 1}`)).body);
    expect(other.earned_in_other_currencies).toEqual({ [currency]: earned });
  }
});

test('a model without a price is named, and a call without measures counts as not priced', async () => {
  await giveTime(sidecar.database.sql, person.id, 7200);
  await call(60, { unpriced: ['my-own-model'], provider_cost_micros: 0 });
  await call(60, null);
  expect(await today()).toMatchObject({
    calls: 2,
    measured_calls: 1,
    calls_not_fully_priced: 2,
    quality: 90,
  });
  const { body } = await ask(operator, '?days=366');
  expect(operatorAnalyticsResponse.parse(body).unpriced_models).toEqual(['my-own-model']);
});

test('only operators may ask, for a number of days that makes sense', async () => {
  expect(codeOf(await ask(person))).toBe('forbidden');
  expect((await sidecar.get('/operator/analytics')).status).toBe(401);
  for (const days of ['0', '367', '1.5', 'all'])
    expect((await ask(operator, `?days=${days}`)).status).toBe(400);
  const { body } = await ask(operator);
  expect(operatorAnalyticsResponse.parse(body).days).toHaveLength(30);
});
