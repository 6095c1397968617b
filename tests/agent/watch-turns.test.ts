import { initializeLogger, llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { watchTurns } from '../../agent/speech/watch-turns.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startLanguageModel } from './language-model-server.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'silent' });

let model: Awaited<ReturnType<typeof startLanguageModel>>;
let session: voice.AgentSession;
let clock: FakeClock;
let heard: string[];
let answers: Promise<void> | undefined;

beforeAll(async () => {
  model = await startLanguageModel('key');
});
afterAll(() => model.close());
beforeEach(async () => {
  clock = new FakeClock();
  heard = [];
  answers = undefined;
  session = new voice.AgentSession({
    llm: new openai.LLM({ model: 'gpt-any', apiKey: 'key', baseURL: model.baseUrl }),
    vad: null,
    turnHandling: { turnDetection: null },
    connOptions: { maxUnrecoverableErrors: 99, llmConnOptions: { maxRetry: 0 } },
  });
  const startMs = clock.nowMs();
  const turns = watchTurns(session, clock);
  turns.onAnswer(() => heard.push('answer'));
  turns.onLateAnswer((sinceMs) => heard.push(`late since ${sinceMs - startMs}`));
  turns.onNoAnswer((sinceMs) => heard.push(`none since ${sinceMs - startMs}`));
  const wait = llm.tool({
    name: 'check_time_balance',
    description: 'Waits.',
    execute: async () => {
      await answers;
      return { speech: 'You have time.' };
    },
  });
  await session.start({ agent: new voice.Agent({ instructions: 'Speak.', tools: [wait] }) });
});
afterEach(async () => {
  model.break(false);
  await session.close();
});

const ask = async (userInput: string) => {
  await session.run({ userInput }).wait();
  await clock.advance(0);
};

it('hears an answer, and does not take what is said by itself for one', async () => {
  await ask('Hello');
  await session.say('You have five minutes left.').waitForPlayout();
  expect(heard).toEqual(['answer']);
});

it('counts from the end of the first turn that got no answer', async () => {
  await ask('Hello');
  model.break(true);
  await clock.advance(1000);
  await ask('What are your prices?');
  await clock.advance(1000);
  await session.say('Sorry.').waitForPlayout();
  await ask('What are your prices?');
  model.break(false);
  await ask('What are your prices?');
  model.break(true);
  await clock.advance(1000);
  await ask('What are your prices?');
  expect(heard).toEqual(['answer', 'none since 1000', 'none since 1000', 'answer', 'none since 3000']);
});

it('is one turn, also when it fails behind a tool', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answers = promise;
  const turn = ask('How much time do I have left?');
  await until('the tool runs', () => session.agentState === 'thinking');
  await clock.advance(500);
  model.break(true);
  resolve();
  await turn;
  expect(heard).toEqual(['none since 0']);
});

it('waits half a minute for an answer, and interrupts what comes later', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answers = promise;
  const turn = ask('How much time do I have left?');
  await until('the tool runs', () => session.agentState === 'thinking');
  await clock.advance(29_999);
  expect(heard).toEqual([]);
  await clock.advance(1);
  expect(heard).toEqual(['none since 0']);
  await turn;
  expect(session.agentState).toBe('listening');
  answers = undefined;
  resolve();
  await ask('Hello');
  expect(heard).toEqual(['none since 0', 'answer']);
  expect(clock.pending).toBe(0);
});

const hinder = (recoverable = true, atMs = Date.now()) => {
  const error = {
    type: 'llm_error',
    timestamp: atMs,
    label: '',
    error: new Error('broken'),
    recoverable,
  };
  session.emit(voice.AgentSessionEventTypes.Error, { error } as never);
};
const slowTurn = async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answers = promise;
  const turn = ask('How much time do I have left?');
  await until('the tool runs', () => session.agentState === 'thinking');
  return {
    end: async () => {
      resolve();
      await turn;
    },
  };
};

it('is late when something failed before the answer, counted from the end of the turn', async () => {
  await clock.advance(1000);
  const { end } = await slowTurn();
  await clock.advance(500);
  hinder();
  await clock.advance(2000);
  await end();
  expect(heard).toEqual(['late since 1000', 'answer']);
  await ask('Hello');
  expect(heard.slice(2)).toEqual(['answer']);
});

it('gives the wait back to a caller who does not wait for the answer', async () => {
  const { end } = await slowTurn();
  hinder();
  await clock.advance(3000);
  await session.interrupt({ force: true }).await;
  await end();
  expect(heard).toEqual(['late since 0']);
});

it('gives back no more than an attempt can last where the date of the machine jumps', async () => {
  const become = (oldState: string, newState: string) =>
    session.emit(voice.AgentSessionEventTypes.AgentStateChanged, { oldState, newState } as never);
  await clock.advance(100_000);
  become('listening', 'thinking');
  become('thinking', 'speaking');
  hinder(true, Date.now() - 3_600_000);
  hinder(true, Date.now() + 3_600_000);
  become('speaking', 'listening');
  expect(heard).toEqual(['answer', 'late since 70000', 'late since 100000']);
});
