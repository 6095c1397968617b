import { randomUUID } from 'node:crypto';
import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCall } from '../../agent/call/create-call.ts';
import type { Window } from '../../agent/call/windows.ts';
import { billedMs } from '../../agent/call/windows.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime, violations } from '../time/people.ts';
import { FakeLine } from './fake-call.ts';
import { startLanguageModel } from './language-model-server.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'error' });

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
});
afterAll(async () => {
  await model.close();
  await db.close();
});

/** A call by text, on the real database. */
async function textCall(
  userId: string,
  options: { databaseUrl?: string; callId?: string; variables?: Record<string, string> } = {},
) {
  const { databaseUrl = db.gateway.url, callId = randomUUID() } = options;
  const config = loadConfig(callVariables, {
    SUPABASE_URL: databaseUrl,
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: model.baseUrl,
    DEEPGRAM_API_KEY: 'key',
    SLICE_SECONDS: '5',
    ...options.variables,
  });
  const line = new FakeLine('present');
  const { call, session } = await createCall({
    config,
    ticket: { callId, userId, roomName: callRoomName(callId) },
    database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
    line,
    media: { turnDetection: null, attach: () => ({}) },
    logger: createLogger('call', 'silent'),
  });
  const said = () =>
    session.history.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
    );
  return { callId, call, session, line, said };
}

async function personWith(seconds: number): Promise<string> {
  const { id } = await db.signUp();
  if (seconds > 0) await giveTime(db.sql, id, seconds);
  return id;
}

async function callOf(callId: string) {
  const [row] = await db.sql`select * from public.voice_sessions where id = ${callId}`;
  return row;
}

it('is greeted, metered and billed as a spoken call is', async () => {
  const { call, callId, line, said, session } = await textCall(await personWith(2846));
  const ended = call.run();
  await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
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
  const row = await callOf(callId);
  expect(row).toMatchObject({
    status: 'settled',
    charged_seconds: chargedSeconds,
    end_reason: 'caller_hung_up',
  });
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(await violations(db.sql)).toEqual([]);
});

it('says goodbye when time is used up', async () => {
  const { call, callId, said, line } = await textCall(await personWith(3), {
    variables: { DESK_SECONDS: '0' },
  });
  expect(await call.run()).toEqual({ reason: 'time_used_up', usedMs: 3000, chargedSeconds: 3 });
  expect(said().at(-1)).toMatch(/time is used up/);
  expect(line.hangUps).toBe(1);
  expect((await callOf(callId))?.receipt.windows.map(({ reason }: { reason: string }) => reason)).toEqual([
    'connecting',
    'talking',
    'goodbye',
  ]);
  expect(await violations(db.sql)).toEqual([]);
});

it('ends when the caller says goodbye, without a bill for the farewell', async () => {
  const { call, callId, said, line, session } = await textCall(await personWith(600));
  const ended = call.run();
  await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
  await session.run({ userInput: 'Goodbye.' }).wait();
  expect(await ended).toMatchObject({ reason: 'said_goodbye' });
  expect(said().slice(1)).toEqual(['Goodbye, and thank you for calling.']);
  expect(line.hangUps).toBe(1);
  expect((await callOf(callId))?.receipt.windows.at(-1)).toMatchObject({ reason: 'goodbye', billed: false });
});

it('waits at the desk, sells there, and goes on with what it knew when time has come', async () => {
  const userId = await personWith(3);
  const { call, callId, said, line, session } = await textCall(userId, { variables: { SLICE_SECONDS: '5' } });
  const ended = call.run();
  await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
  const ask = async (userInput: string) => {
    await session.run({ userInput }).wait();
    return said().at(-1);
  };
  await ask('My name is Robert.');
  await until('the desk is open', () => said().at(-1)?.includes('free of charge'));
  expect(await ask('How much time do I have left?')).not.toMatch(/left\.$/);
  expect(await ask('I want to buy the starter package.')).toMatch(
    /Starter: 1 hour for 9 dollars and 99 cents/,
  );
  expect(line.of('purchase')).toMatchObject([{ package_id: 'starter' }]);
  await giveTime(db.sql, userId, 3600);
  await until('the call goes on', () => line.of('meter').at(-1)?.state === 'running');
  expect(line.of('resumed')).toMatchObject([{ remaining_seconds: 3600 }]);
  await until('the thanks are said', () => said().at(-1)?.startsWith('Thank you! You have 1 hour now.'));
  expect(await ask('What is my name?')).toMatch(/Robert/);
  expect(await ask('How much time do I have left?')).toMatch(/^You have 59 minutes.* left\./);
  line.become('left');
  const { usedMs } = await ended;
  const row = await callOf(callId);
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(
    row?.receipt.windows.map(({ reason, billed }: Window) => `${reason} ${billed ? 'billed' : 'free'}`),
  ).toEqual(['connecting free', 'talking billed', 'desk free', 'talking billed']);
  expect(await violations(db.sql)).toEqual([]);
});

it('waits at the desk, takes an activation code there, and goes on', async () => {
  const userId = await personWith(3);
  const key = 'an activation code key for tests only, of enough length';
  const { call, said, line, session } = await textCall(userId, { variables: { ACTIVATION_CODE_KEY: key } });
  const ended = call.run();
  await until('the desk is open', () => said().at(-1)?.includes('free of charge'));
  const cardId = randomUUID();
  const code = deriveActivationCode(key, cardId);
  await db.sql`insert into time_cards (id, source, status, paid_seconds, bonus_seconds, remaining_seconds)
    values (${cardId}, 'bonus', 'unactivated', 0, 3600, 3600)`;
  await db.sql`insert into activation_codes (card_id, code_hash)
    values (${cardId}, ${hashActivationCode(key, code)})`;
  session.run({ userInput: `I have a code: ${code}` });
  await until('it is read back', () => said().at(-1)?.includes('Shall I activate it?'));
  session.run({ userInput: 'Yes.' });
  await until('the call goes on', () => line.of('meter').at(-1)?.state === 'running');
  expect(line.of('resumed')).toMatchObject([{ remaining_seconds: 3600 }]);
  expect(JSON.stringify([session.history.items, line.messages])).not.toContain(code);
  line.become('left');
  await ended;
  expect(await violations(db.sql)).toEqual([]);
});

it('with a model that is dead ends after three turns, and bills nothing since the first of them', {
  timeout: 60_000,
}, async () => {
  const { call, callId, said, line, session } = await textCall(await personWith(600));
  const ended = call.run();
  await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
  model.break(true);
  const askedAtMs = call.meter?.usedMs() ?? 0;
  for (let turn = 0; turn < 3; turn++) await session.run({ userInput: 'What are your prices?' }).wait();
  model.break(false);
  const { reason, usedMs, chargedSeconds } = await ended;
  expect(reason).toBe('provider_outage');
  expect(said().filter((text) => text.startsWith('Sorry, I could not think'))).toHaveLength(2);
  expect(said().at(-1)).toMatch(/You do not pay for this/);
  const row = await callOf(callId);
  // The model is asked three times before anybody says sorry.
  expect(Number(row?.restored_ms)).toBeGreaterThan(800);
  expect(billedMs(row?.receipt.windows)).toBe(usedMs - Number(row?.restored_ms));
  expect(billedMs(row?.receipt.windows)).toBeLessThan(askedAtMs + 500);
  expect(chargedSeconds).toBe(row?.receipt.charged_seconds);
  expect(await violations(db.sql)).toEqual([]);
});

it('is refused in words to a person without time', async () => {
  const { call, callId, said } = await textCall(await personWith(0));
  expect(await call.run()).toEqual({ reason: 'refused', usedMs: 0, chargedSeconds: undefined });
  expect(said()).toEqual(['You have no time left.']);
  expect(await callOf(callId)).toBeUndefined();
});

it('is refused in words when the database is away', async () => {
  const { call, said, line } = await textCall(randomUUID(), { databaseUrl: 'http://127.0.0.1:9' });
  expect(await call.run()).toMatchObject({ reason: 'refused' });
  expect(said()).toEqual(['I cannot reach your account right now. Please try again in a moment.']);
  expect(line.hangUps).toBe(1);
});

it('goes on at a second worker, which fences the first one', async () => {
  const userId = await personWith(600);
  const first = await textCall(userId);
  const firstEnd = first.call.run();
  await until('use is reported', async () => Number((await callOf(first.callId))?.used_ms ?? 0) > 1000);
  const second = await textCall(userId, { callId: first.callId });
  const secondEnd = second.call.run();
  expect(await firstEnd).toMatchObject({ reason: 'fenced', chargedSeconds: undefined });
  expect(first.line.hangUps).toBe(0);
  expect(first.line.of('ended')).toEqual([]);
  expect(await callOf(first.callId)).toMatchObject({ status: 'open', epoch: 2 });
  const before = Number((await callOf(first.callId))?.used_ms);
  await until(
    'the second one reports more',
    async () => Number((await callOf(first.callId))?.used_ms) > before,
  );
  second.line.become('left');
  const { usedMs, chargedSeconds } = await secondEnd;
  expect(usedMs).toBeGreaterThan(before);
  const row = await callOf(first.callId);
  expect(row).toMatchObject({ status: 'settled', charged_seconds: chargedSeconds, used_ms: String(usedMs) });
  expect(row?.receipt.windows[0]).toMatchObject({ reason: 'earlier', billed: true });
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(await violations(db.sql)).toEqual([]);
});
