import { initializeLogger, type llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterEach, expect, it, vi } from 'vitest';
import { type Conversation, sessionConversation } from '../../agent/call/conversation.ts';
import { systemClock } from '../../shared/clock.ts';
import { startLanguageModel } from './language-model-server.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'fatal' });

let session: voice.AgentSession;
let conversation: Conversation;
afterEach(() => session.close());

function converse(
  llm: llm.LLM = new voice.testing.FakeLLM([{ input: 'hello', content: 'Hello yourself.' }]),
) {
  session = new voice.AgentSession({
    llm,
    vad: null,
    turnHandling: { turnDetection: null },
    connOptions: { maxUnrecoverableErrors: 0, llmConnOptions: { maxRetry: 0 } },
  });
  const agent = new voice.Agent({ instructions: 'Speak.' });
  conversation = sessionConversation(session, { agent }, systemClock);
  const closed: string[] = [];
  let spoken = 0;
  conversation.onClosed((reason) => closed.push(reason));
  conversation.onSpeaking(() => spoken++);
  return { closed, spoken: () => spoken };
}

const said = () =>
  session.history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
  );

it('tells when its words begin to reach the caller', async () => {
  const { spoken } = converse();
  await conversation.start();
  expect(spoken()).toBe(0);
  conversation.say('Good morning.');
  await until('it speaks', () => spoken() === 1);
  await session.run({ userInput: 'hello' }).wait();
  expect(spoken()).toBe(2);
  expect(said()).toEqual(['Good morning.', 'Hello yourself.']);
});

it('says the newest of what waits, once nobody speaks or thinks', async () => {
  converse(new voice.testing.FakeLLM([{ input: 'hello', content: 'Hello yourself.', ttft: 500 }]));
  await conversation.start();
  const turn = session.run({ userInput: 'hello' });
  await until('it thinks', () => session.agentState === 'thinking');
  conversation.sayBetweenTurns('You have 300 seconds left.');
  conversation.sayBetweenTurns('You have 60 seconds left.');
  await turn.wait();
  await until('the warning is said', () => said().length === 2);
  expect(said()).toEqual(['Hello yourself.', 'You have 60 seconds left.']);
});

it('drops what is being said, and what waits, to say goodbye', async () => {
  converse(new voice.testing.FakeLLM([{ input: 'hello', content: 'A very long story.', ttft: 30_000 }]));
  await conversation.start();
  void session.run({ userInput: 'hello' }).wait();
  await until('it thinks', () => session.agentState === 'thinking');
  conversation.sayBetweenTurns('You have 60 seconds left.');
  await conversation.sayGoodbye('Goodbye.', 5000);
  expect(said()).toEqual(['Goodbye.']);
});

it('falls silent at once, and goes on when it is spoken to', async () => {
  const answers = [
    { input: 'hello', content: 'A very long story.', ttft: 30_000 },
    { input: 'go on', content: 'Once upon a time.' },
  ];
  converse(new voice.testing.FakeLLM(answers));
  await conversation.start();
  void session.run({ userInput: 'hello' }).wait();
  await until('it thinks', () => session.agentState === 'thinking');
  conversation.hush?.();
  await until('it has stopped', () => session.agentState === 'listening');
  await session.run({ userInput: 'go on' }).wait();
  expect(said()).toEqual(['Once upon a time.']);
});

it('cannot say goodbye before it began or after it ended, and says so', async () => {
  converse();
  await expect(conversation.sayGoodbye('Goodbye.', 5000)).rejects.toThrow(/not running/);
  await conversation.start();
  await conversation.close();
  await expect(conversation.sayGoodbye('Goodbye.', 5000)).rejects.toThrow(/not running/);
});

it('takes no harm from words that come too late', async () => {
  const { closed } = converse();
  await conversation.start();
  await session.close();
  conversation.say('Anybody there?');
  conversation.sayBetweenTurns('You have 60 seconds left.');
  conversation.hush?.();
  expect(closed).toEqual(['job_shutdown']);
  await conversation.close();
});

it('fails when the language model has failed too often', async () => {
  const model = await startLanguageModel('key');
  model.break(true);
  const { closed } = converse(new openai.LLM({ model: 'gpt-any', apiKey: 'key', baseURL: model.baseUrl }));
  await conversation.start();
  session.generateReply({ userInput: 'Hello?' });
  await until('it is closed', () => closed.length > 0);
  expect(closed).toEqual(['conversation_failed']);
  await model.close();
});

it('takes what is said and typed only once it is told to, and no more after that', async () => {
  converse();
  type Take = (reader: object, sender: { identity: string }) => void;
  let take: Take = () => {};
  const room = {
    registerTextStreamHandler(_: string, handler: Take) {
      take = handler;
    },
  };
  const agent = new voice.Agent({ instructions: 'Speak.' });
  const options = { agent, room, inputOptions: { participantIdentity: 'caller' } };
  conversation = sessionConversation(session, options as never, systemClock);
  vi.spyOn(session, 'start').mockResolvedValue(undefined as never);
  const replies = vi.spyOn(session, 'generateReply').mockReturnValue(undefined as never);
  vi.spyOn(session, 'interrupt').mockReturnValue(undefined as never);
  await conversation.start();
  for (const isListening of [undefined, true, false]) {
    if (isListening !== undefined) conversation.listen?.(isListening);
    replies.mockClear();
    const typed = {
      info: {},
      async close() {},
      [Symbol.asyncIterator]: async function* () {
        yield 'hello';
      },
    };
    take(typed, { identity: 'caller' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(session.input.audioEnabled).toBe(isListening === true);
    expect(replies.mock.calls).toEqual(isListening ? [[{ userInput: 'hello' }]] : []);
  }
});
