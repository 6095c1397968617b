import { randomUUID } from 'node:crypto';
import { initializeLogger, type llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAssistant } from '../../agent/assistant.ts';
import { Dictation } from '../../agent/codes/dictation.ts';
import { CallMemory } from '../../agent/memory/call-memory.ts';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { FakeLine } from './fake-call.ts';
import { startLanguageModel } from './language-model-server.ts';

// A tool that refuses is an error to the framework, and expected here.
initializeLogger({ pretty: false, level: 'fatal' });

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
let context: CallContext;
let line: FakeLine;
let session: voice.AgentSession<CallContext>;

const textSession = (model: llm.LLM) =>
  new voice.AgentSession<CallContext>({ llm: model, vad: null, turnHandling: { turnDetection: null } });

// One session for all, because closing one takes half a second; each test gets a call and a person of its own.
beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
  session = textSession(new openai.LLM({ model: 'any', apiKey: 'key', baseURL: model.baseUrl }));
  await session.start({ agent: createAssistant() });
});
afterAll(async () => {
  await session.close();
  await model.close();
  await db.close();
});

let expiringSeconds: number;
let goodbyes: number;
beforeEach(async () => {
  expiringSeconds = 0;
  goodbyes = 0;
  line = new FakeLine('present');
  const person = await db.signUp();
  context = {
    callId: randomUUID(),
    userId: person.id,
    database: db.service,
    line,
    sentences: sentencesFor('en-US'),
    pricing: () => listPackages(db.service),
    dictation: new Dictation(),
    activationCodeKey: undefined,
    memory: new CallMemory(UNKNOWN_CALLER),
    embedder: undefined,
    startedAt: new Date('2026-11-20T10:00:00Z'),
    meter: () => ({
      usedMs: () => 754_900,
      remainingSeconds: () => 2846,
      expiringSeconds: () => expiringSeconds,
      async renew() {},
    }),
    sayGoodbye: () => {
      goodbyes++;
    },
  };
  session.userData = context;
});

/** Asks one question; answers the tool's output and what the agent said then. Anything but one tool call fails. */
async function ask(userInput: string, tool: string, args: Record<string, unknown> = {}) {
  const { expect: heard } = await session.run({ userInput }).wait();
  heard.nextEvent().isFunctionCall({ name: tool, args });
  const { item } = heard.nextEvent().isFunctionCallOutput().event();
  const said = heard.nextEvent().isMessage({ role: 'assistant' }).event().item.textContent;
  heard.noMoreEvents();
  const output: unknown = item.isError ? item.output : JSON.parse(item.output);
  return { output, said, isError: item.isError };
}

/** The same person, whose database has gone. */
const awayDatabase = () => createDatabaseClient('http://127.0.0.1:9', TEST_KEYS.secretKey);

describe('what the tools say, and the figures behind it', () => {
  it('check_time_balance', async () => {
    expect(await ask('How much time do I have left?', 'check_time_balance')).toEqual({
      isError: false,
      said: 'You have 47 minutes and 26 seconds left.',
      output: {
        speech: 'You have 47 minutes and 26 seconds left.',
        expiring_seconds: 0,
        remaining_seconds: 2846,
        used_in_this_call_seconds: 754,
      },
    });
  });

  it('check_time_balance mentions what is about to expire', async () => {
    expiringSeconds = 600;
    const { output, said } = await ask('How much time do I have left?', 'check_time_balance');
    expect(output).toMatchObject({ remaining_seconds: 2846, expiring_seconds: 600 });
    expect(said).toBe(
      'You have 47 minutes and 26 seconds left. Within a week, 10 minutes of it will expire.',
    );
  });

  it('get_pricing_packages', async () => {
    const { output, said } = await ask('What are your prices?', 'get_pricing_packages');
    expect(output).toMatchObject({
      currency: 'usd',
      packages: [
        { id: 'starter', name: 'Starter', total_minutes: 60, price_cents: 999 },
        { id: 'basic', name: 'Basic', total_minutes: 330, price_cents: 4499 },
        { id: 'premium', name: 'Premium', total_minutes: 720, price_cents: 7999 },
        { id: 'pro', name: 'Pro', total_minutes: 1800, price_cents: 17_999 },
        { id: 'enterprise', name: 'Enterprise', total_minutes: 3600, price_cents: 29_999 },
      ],
    });
    expect(said).toContain('Starter gives you 1 hour for 9 dollars and 99 cents.');
    expect(said).toContain('Basic gives you 5 hours and 30 minutes for 44 dollars and 99 cents.');
    expect(said).toContain('Enterprise gives you 60 hours for 299 dollars and 99 cents.');
  });

  it('estimate_session_cost', async () => {
    // 754 of the starter's 3600 seconds, at 999 cents.
    const { output, said } = await ask('What has this call cost so far?', 'estimate_session_cost');
    expect(output).toMatchObject({
      used_seconds: 754,
      remaining_seconds: 2846,
      cost_cents: 209,
      currency: 'usd',
    });
    expect(said).toBe(
      'So far this call has used 12 minutes and 34 seconds of your time. At the Starter price that is about 2 dollars and 9 cents.',
    );
  });

  it('get_session_summary', async () => {
    const { output, said } = await ask('Give me a summary of this call.', 'get_session_summary');
    expect(output).toMatchObject({
      call_id: context.callId,
      started_at: '2026-11-20T10:00:00.000Z',
      used_seconds: 754,
      remaining_seconds: 2846,
    });
    expect(said).toBe(
      'In this call you have used 12 minutes and 34 seconds, and you have 47 minutes and 26 seconds left. Only the time in which we talk is billed.',
    );
  });

  it('start_purchase_process opens the checkout on the page, and moves no money', async () => {
    const { output, said } = await ask('I want to buy the basic package.', 'start_purchase_process', {
      package_id: 'basic',
    });
    const [purchase] = await db.sql`select * from public.purchases where user_id = ${context.userId}`;
    expect(output).toMatchObject({
      purchase_id: purchase?.id,
      price_cents: 4499,
      currency: 'usd',
      package_id: 'basic',
    });
    expect(purchase).toMatchObject({ amount_cents: 4499, status: 'created', purpose: 'me' });
    expect(said).toBe(
      'I have opened the checkout for Basic: 5 hours and 30 minutes for 44 dollars and 99 cents. Please pay on your page, and the time is yours at once.',
    );
    expect(line.of('purchase')).toEqual([
      {
        type: 'purchase',
        call_id: context.callId,
        idempotency_key: `call:${context.callId}:basic:1`,
        package_id: 'basic',
        price_cents: 4499,
        currency: 'usd',
      },
    ]);
    expect(await db.sql`select * from public.audit_invariants()`).toHaveLength(0);
  });
});

describe('start_purchase_process, asked again', () => {
  const buyBasic = async () => {
    const { output } = await ask('I want to buy the basic package.', 'start_purchase_process', {
      package_id: 'basic',
    });
    return (output as { purchase_id: string }).purchase_id;
  };

  it('answers the same purchase as long as it is not paid', async () => {
    expect(await buyBasic()).toBe(await buyBasic());
    expect(
      await db.sql`select id from public.purchases where user_id = ${context.userId}`,
    ).toHaveLength(1);
    expect(line.of('purchase').map(({ idempotency_key }) => idempotency_key)).toEqual([
      `call:${context.callId}:basic:1`,
      `call:${context.callId}:basic:1`,
    ]);
  });

  it('finds the same one when an interruption has lost the answer', async () => {
    const send = line.send.bind(line);
    line.send = (message) => {
      send(message);
      // The purchase has begun and the page knows of it, but the model never will.
      session.interrupt({ force: true });
    };
    await session.run({ userInput: 'I want to buy the basic package.' }).wait();
    line.send = send;
    const [lost] = await db.sql`select id from public.purchases where user_id = ${context.userId}`;
    expect(await buyBasic()).toBe(lost?.id);
    expect(
      await db.sql`select id from public.purchases where user_id = ${context.userId}`,
    ).toHaveLength(1);
    expect(new Set(line.of('purchase').map(({ idempotency_key }) => idempotency_key)).size).toBe(1);
  });

  it.each([
    ['succeeded', false],
    ['canceled', false],
    ['failed', true],
  ] as const)('after the first one has %s: the same again is %s', async (status, isSame) => {
    const first = await buyBasic();
    await db.sql`update public.purchases set status = ${status} where id = ${first}`;
    expect((await buyBasic()) === first).toBe(isSame);
  });
});

describe('what goes wrong is said, not thrown', () => {
  it('an unknown package', async () => {
    const execute = async (package_id: string) => {
      const fake = new voice.testing.FakeLLM([
        { input: 'the yacht', toolCalls: [{ name: 'start_purchase_process', args: { package_id } }] },
      ]);
      const own = textSession(fake);
      own.userData = context;
      await own.start({ agent: createAssistant() });
      const { expect: heard } = await own.run({ userInput: 'the yacht' }).wait();
      heard.nextEvent().isFunctionCall({ name: 'start_purchase_process' });
      const { item } = heard.nextEvent().isFunctionCallOutput().event();
      await own.close();
      return item;
    };
    expect(await execute('yacht')).toMatchObject({
      isError: true,
      output: 'I do not know that package. Shall I list the packages?',
    });
    expect(await execute(' Starter ')).toMatchObject({ isError: false });
  });

  it.each([
    ['I want to buy the basic package.', 'start_purchase_process', { package_id: 'basic' }],
    ['What are your prices?', 'get_pricing_packages', {}],
    ['What has this call cost so far?', 'estimate_session_cost', {}],
  ])('a database that is away: %s', async (question, tool, args) => {
    context.database = awayDatabase();
    context.pricing = () => listPackages(context.database);
    expect(await ask(question, tool, args)).toEqual({
      isError: true,
      output: 'I cannot reach your account right now. Please try again in a moment.',
      said: 'I cannot reach your account right now. Please try again in a moment.',
    });
  });

  it.each([
    ['How much time do I have left?', 'check_time_balance'],
    ['What has this call cost so far?', 'estimate_session_cost'],
    ['Give me a summary of this call.', 'get_session_summary'],
  ])('a call that is not open yet: %s', async (question, tool) => {
    context.meter = () => undefined;
    expect((await ask(question, tool)).said).toBe(context.sentences.faults.database_unavailable);
  });
});

describe('one question, one tool call', () => {
  it.each([
    ["What's my balance?", 'check_time_balance', {}],
    ['How long can we still talk?', 'check_time_balance', {}],
    ['Which packages do you sell?', 'get_pricing_packages', {}],
    ['How much does the premium package cost?', 'get_pricing_packages', {}],
    ['How much have I spent on this call?', 'estimate_session_cost', {}],
    ['Sum up our call.', 'get_session_summary', {}],
    ['Premium, please.', 'start_purchase_process', { package_id: 'premium' }],
    ['I will take the enterprise one.', 'start_purchase_process', { package_id: 'enterprise' }],
  ])('%s', async (question, tool, args) => {
    const { isError, said, output } = await ask(question, tool, args);
    expect(isError).toBe(false);
    expect(said).toBe((output as { speech: string }).speech);
  });

  it('Goodbye: end_call, to which the model adds nothing', async () => {
    const { expect: heard } = await session.run({ userInput: 'Goodbye.' }).wait();
    heard.nextEvent().isFunctionCall({ name: 'end_call', args: {} });
    expect(goodbyes).toBe(1);
  });

  it.each(['Hello!', 'Thank you.', 'No, thanks.'])('and none for: %s', async (sentence) => {
    const { expect: heard } = await session.run({ userInput: sentence }).wait();
    heard.nextEvent().isMessage({ role: 'assistant' });
    heard.noMoreEvents();
  });
});
