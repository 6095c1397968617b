import { initializeLogger, type llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAssistant } from '../../agent/assistant.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { FakeLine } from './fake-call.ts';
import { startLanguageModel } from './language-model-server.ts';
import { callContext } from './use-tool.ts';

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
  session = textSession(new openai.LLM({ model: 'gpt-any', apiKey: 'key', baseURL: model.baseUrl }));
  await session.start({ agent: createAssistant() });
});
afterAll(async () => {
  await session.close();
  await model.close();
  await db.close();
});

let goodbyes: number;
beforeEach(async () => {
  goodbyes = 0;
  line = new FakeLine('present');
  const person = await db.signUp();
  context = callContext({
    userId: person.id,
    database: db.service,
    line,
    pricing: () => listPackages(db.service),
    sayGoodbye: () => {
      goodbyes++;
    },
  });
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

it('start_purchase_process finds the same purchase when an interruption has lost the answer', async () => {
  const send = line.send.bind(line);
  line.send = (message) => {
    send(message);
    // The purchase has begun and the page knows of it, but the model never will.
    session.interrupt({ force: true });
  };
  await session.run({ userInput: 'I want to buy the basic package.' }).wait();
  line.send = send;
  const [lost] = await db.sql`select id from public.purchases where user_id = ${context.userId}`;
  const { output } = await ask('I want to buy the basic package.', 'start_purchase_process', {
    package_id: 'basic',
  });
  expect((output as { purchase_id: string }).purchase_id).toBe(lost?.id);
  expect(await db.sql`select id from public.purchases where user_id = ${context.userId}`).toHaveLength(1);
  expect(new Set(line.of('purchase').map(({ idempotency_key }) => idempotency_key)).size).toBe(1);
});

describe('what goes wrong is said, not thrown', () => {
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
