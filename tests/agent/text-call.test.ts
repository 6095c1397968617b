import { randomUUID } from 'node:crypto';
import { initializeLogger } from '@livekit/agents';
import { expect } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { callOf, signUpWith, violations } from '../time/people.ts';
import { createTextCall } from './start-text-call.ts';
import { testWithModel as it } from './test-with-model.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'error' });

const SHORT_SLICES = { SLICE_SECONDS: '5' };

it('is greeted, metered and billed as a spoken call is', async ({ db, model }) => {
  const { begin, call, callId, line, said, session } = await createTextCall(db, model, {
    userId: await signUpWith(db, 2846),
    variables: SHORT_SLICES,
  });
  const { ended } = await begin();
  expect(said()).toEqual([expect.stringContaining('You have 47 minutes and 26 seconds.')]);
  await until('a second was used', () => (call.meter?.usedMs() ?? 0) > 1000);
  const { expect: heard } = await session.run({ userInput: 'How much time do I have left?' }).wait();
  const { item } = heard.containsFunctionCallOutput().event();
  const balance = JSON.parse(item.output) as { remaining_seconds: number; used_in_this_call_seconds: number };
  expect(balance.used_in_this_call_seconds).toBeGreaterThanOrEqual(1);
  // Both are rounded down, so a second that has begun is in neither.
  expect([2845, 2846]).toContain(balance.remaining_seconds + balance.used_in_this_call_seconds);
  line.become('left');
  const { usedMs, chargedSeconds } = await ended;
  expect(chargedSeconds).toBe(Math.floor(usedMs / 1000));
  const row = await callOf(db.sql, callId);
  expect(row).toMatchObject({
    status: 'settled',
    charged_seconds: chargedSeconds,
    end_reason: 'caller_hung_up',
  });
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(await violations(db.sql)).toEqual([]);
});

it('says goodbye when time is used up', async ({ db, model }) => {
  const { call, callId, line, said } = await createTextCall(db, model, {
    userId: await signUpWith(db, 3),
    variables: { ...SHORT_SLICES, DESK_SECONDS: '0' },
  });
  expect(await call.run()).toEqual({ reason: 'time_used_up', usedMs: 3000, chargedSeconds: 3 });
  expect(said().at(-1)).toMatch(/time is used up/);
  expect(line.hangUps).toBe(1);
  expect(
    (await callOf(db.sql, callId))?.receipt.windows.map(({ reason }: { reason: string }) => reason),
  ).toEqual(['connecting', 'talking', 'goodbye']);
  expect(await violations(db.sql)).toEqual([]);
});

it('ends when the caller says goodbye, without a bill for the farewell', async ({ db, model }) => {
  const { begin, callId, line, said, session } = await createTextCall(db, model, {
    userId: await signUpWith(db, 600),
    variables: SHORT_SLICES,
  });
  const { ended } = await begin();
  await session.run({ userInput: 'Goodbye.' }).wait();
  expect(await ended).toMatchObject({ reason: 'said_goodbye' });
  expect(said().slice(1)).toEqual(['Goodbye, and thank you for calling.']);
  expect(line.hangUps).toBe(1);
  expect((await callOf(db.sql, callId))?.receipt.windows.at(-1)).toMatchObject({
    reason: 'goodbye',
    billed: false,
  });
});

it('with a model that is dead ends after three turns, and bills nothing since the first of them', async ({
  db,
  model,
}) => {
  const { begin, call, callId, said, session } = await createTextCall(db, model, {
    userId: await signUpWith(db, 600),
    variables: SHORT_SLICES,
  });
  const { ended } = await begin();
  model.break(true);
  const askedAtMs = call.meter?.usedMs() ?? 0;
  for (let turn = 0; turn < 3; turn++) await session.run({ userInput: 'What are your prices?' }).wait();
  model.break(false);
  const { reason, usedMs, chargedSeconds } = await ended;
  expect(reason).toBe('provider_outage');
  expect(said().filter((text) => text.startsWith('Sorry, I could not think'))).toHaveLength(2);
  expect(said().at(-1)).toMatch(/You do not pay for this/);
  const row = await callOf(db.sql, callId);
  // The model is asked three times before anybody says sorry.
  expect(Number(row?.restored_ms)).toBeGreaterThan(800);
  expect(billedMs(row?.receipt.windows)).toBe(usedMs - Number(row?.restored_ms));
  expect(billedMs(row?.receipt.windows)).toBeLessThan(askedAtMs + 500);
  expect(chargedSeconds).toBe(row?.receipt.charged_seconds);
  expect(await violations(db.sql)).toEqual([]);
});

it('is refused in words to a person without time', async ({ db, model }) => {
  const { call, callId, said } = await createTextCall(db, model, {
    userId: await signUpWith(db, 0),
    variables: SHORT_SLICES,
  });
  expect(await call.run()).toEqual({ reason: 'refused', usedMs: 0, chargedSeconds: undefined });
  expect(said()).toEqual(['You have no time left.']);
  expect(await callOf(db.sql, callId)).toBeUndefined();
});

it('is refused in words when the database is away', async ({ db, model }) => {
  const { call, line, said } = await createTextCall(db, model, {
    userId: randomUUID(),
    variables: { SUPABASE_URL: 'http://127.0.0.1:9' },
  });
  expect(await call.run()).toMatchObject({ reason: 'refused' });
  expect(said()).toEqual(['I cannot reach your account right now. Please try again in a moment.']);
  expect(line.hangUps).toBe(1);
});

it('goes on at a second worker, which fences the first one', async ({ db, model }) => {
  const userId = await signUpWith(db, 600);
  const first = await createTextCall(db, model, { userId, variables: SHORT_SLICES });
  const firstEnd = first.call.run();
  await until(
    'use is reported',
    async () => Number((await callOf(db.sql, first.callId))?.used_ms ?? 0) > 1000,
  );
  const second = await createTextCall(db, model, { userId, variables: SHORT_SLICES, callId: first.callId });
  const secondEnd = second.call.run();
  expect(await firstEnd).toMatchObject({ reason: 'fenced', chargedSeconds: undefined });
  expect(first.line.hangUps).toBe(0);
  expect(first.line.of('ended')).toEqual([]);
  expect(await callOf(db.sql, first.callId)).toMatchObject({ status: 'open', epoch: 2 });
  const before = Number((await callOf(db.sql, first.callId))?.used_ms);
  await until(
    'the second one reports more',
    async () => Number((await callOf(db.sql, first.callId))?.used_ms) > before,
  );
  second.line.become('left');
  const { usedMs, chargedSeconds } = await secondEnd;
  expect(usedMs).toBeGreaterThan(before);
  const row = await callOf(db.sql, first.callId);
  expect(row).toMatchObject({ status: 'settled', charged_seconds: chargedSeconds, used_ms: usedMs });
  expect(row?.receipt.windows[0]).toMatchObject({ reason: 'earlier', billed: true });
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(await violations(db.sql)).toEqual([]);
});

it('says what the plan of a team lacks and offers it, and does it in the same call once it is bought', async ({
  db,
  model,
}) => {
  const { sql } = db;
  const userId = await signUpWith(db, 0);
  const [made] = await sql`select create_tenant(${userId}, 'Acme', 'a') -> 'tenant' ->> 'id' as id`;
  const tenantId = String(made?.id);
  await sql`insert into plans (id, name, kind, monthly_minutes, seat_price_cents, features) values
    ('small', 'MindBot Small', 'seats', 60, 500, '{}'), ('large', 'MindBot Large', 'seats', 600, 1900, '{team_usage}')`;
  await sql`update tenants set stripe_customer_id = 'cus_of_team' where id = ${tenantId}`;
  const subscribe = (plan: string) => sql`select apply_subscription(jsonb_build_object('id', 'sub_of_team',
    'customer', 'cus_of_team', 'plan_id', ${plan}::text, 'status', 'active', 'quantity', 1,
    'current_period_start', date_trunc('month', now()), 'current_period_end', now() + interval '20 days'), now())`;
  await subscribe('small');
  const { ask, begin, line } = await createTextCall(db, model, { userId, tenantId, variables: SHORT_SLICES });
  const { ended } = await begin();
  expect(await ask('What has my team spent this month?')).toMatch(
    /MindBot Small, does not include that.*MindBot Large does, for 19 dollars.*ask me again/,
  );
  await subscribe('large');
  expect(await ask('What has my team spent this month?')).toMatch(/This month your team has spent 0/);
  line.become('left');
  await ended;
  expect(await violations(sql)).toEqual([]);
});
