import { randomUUID } from 'node:crypto';
import { ReadableStream } from 'node:stream/web';
import { initializeLogger, stt, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAssistant } from '../../agent/assistant.ts';
import { Dictation } from '../../agent/codes/dictation.ts';
import { keepCodesSecret } from '../../agent/codes/keep-codes-secret.ts';
import { CODE_MARK } from '../../agent/codes/mask-codes.ts';
import { spellCode } from '../../agent/codes/spell-code.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { withCheckCharacter } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { violations } from '../time/people.ts';
import { FakeLine } from './fake-call.ts';
import { startLanguageModel } from './language-model-server.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const KEY = 'an activation code key for tests only, of enough length';
let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
let context: CallContext;
let session: voice.AgentSession<CallContext>;

beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
});
afterAll(async () => {
  await model.close();
  await db.close();
});

const balance = async () => {
  const [row] =
    await db.sql`select balance_seconds::int as s from time_accounts where user_id = ${context.userId}`;
  return Number(row?.s);
};

async function startSession(): Promise<void> {
  session = new voice.AgentSession<CallContext>({
    llm: new openai.LLM({ model: 'any', apiKey: 'key', baseURL: model.baseUrl }),
    vad: null,
    turnHandling: { turnDetection: null },
    userData: context,
  });
  await session.start({ agent: createAssistant() });
}

beforeEach(async () => {
  const person = await db.signUp();
  let remaining = 0;
  context = {
    callId: randomUUID(),
    userId: person.id,
    database: db.service,
    line: new FakeLine('present'),
    pricing: () => listPackages(db.service),
    dictation: new Dictation(),
    activationCodeKey: KEY,
    startedAt: new Date(),
    meter: () => ({
      usedMs: () => 0,
      remainingSeconds: () => remaining,
      expiringSeconds: () => 0,
      async renew() {
        remaining = await balance();
      },
    }),
    sayGoodbye() {},
  };
  await startSession();
});
afterEach(async () => {
  await session.close();
  expect(await violations(db.sql)).toEqual([]);
});

/** A code with an hour behind it. */
async function newCode(): Promise<string> {
  const id = randomUUID();
  const code = deriveActivationCode(KEY, id);
  await db.sql`insert into time_cards (id, source, status, paid_seconds, bonus_seconds, remaining_seconds)
    values (${id}, 'bonus', 'unactivated', 0, 3600, 3600)`;
  await db.sql`insert into activation_codes (card_id, code_hash) values (${id}, ${hashActivationCode(KEY, code)})`;
  return code;
}

const spoken = () =>
  session.history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
  );

/** Says something, and answers what the agent says to it. */
async function say(userInput: string): Promise<string> {
  const before = spoken().length;
  await session.run({ userInput }).wait();
  await until('the agent answers', () => spoken().length > before);
  return spoken().at(-1) ?? '';
}

const attempts = async () =>
  (await db.sql`select failed_count from activation_attempts where user_id = ${context.userId}`)[0]
    ?.failed_count;

/** Everything that is kept of the conversation. */
const kept = () => JSON.stringify(session.history.items);
function expectSecret(code: string): void {
  const groups = code.match(/.{4}/g) ?? [];
  for (const group of groups) {
    for (const form of [group, [...group].join(' '), spellCode(group)]) {
      expect(kept().toLowerCase()).not.toContain(form.toLowerCase());
    }
  }
  expect(kept()).toContain(CODE_MARK);
}

describe('a code that is dictated', () => {
  it('is read back, confirmed and activated, and stays out of the history', async () => {
    const code = await newCode();
    expect(await say('I have a gift code.')).toMatch(/^Gladly\. Please read me the code group by group/);
    for (const at of [0, 4]) {
      expect(await say(spellCode(code.slice(at, at + 4)))).toBe(`I have: ${CODE_MARK}. Please go on.`);
      expect(context.dictation.spelling).toBe(spellCode(code.slice(0, at + 4)));
    }
    expect(await say(spellCode(code.slice(8)))).toBe(
      `I heard: ${CODE_MARK}. Shall I activate it? Please say yes or no.`,
    );
    expect(context.dictation.spelling).toBe(spellCode(code));
    expect(await balance()).toBe(0);
    expect(await say('Yes.')).toBe('The code is activated. You have 1 hour now.');
    expect(await balance()).toBe(3600);
    expectSecret(code);
  });

  it('may come at once, and a repeated yes changes nothing', async () => {
    const code = await newCode();
    expect(await say(`Please activate ${code}`)).toMatch(/Shall I activate it\?/);
    await say('Yes.');
    const { output } = await callAgain();
    expect(output).toMatch(/yours already/);
    expect(await balance()).toBe(3600);
    expectSecret(code);
  });

  it('is activated once when an interruption has lost the answer', async () => {
    const code = await newCode();
    await say(code);
    const { renew } = context.meter() as { renew(): Promise<void> };
    const meter = context.meter();
    context.meter = () =>
      meter && {
        ...meter,
        async renew() {
          await renew();
          session.interrupt({ force: true });
        },
      };
    await session.run({ userInput: 'Yes.' }).wait();
    expect(await balance()).toBe(3600);
    context.meter = () => meter;
    expect((await callAgain()).output).toMatch(/yours already.*You have 1 hour now/);
    expect(await balance()).toBe(3600);
  });

  it('is not activated without a yes', async () => {
    const code = await newCode();
    await say(code);
    expect(await say('No.')).toMatch(/read it to me again/);
    expect(await balance()).toBe(0);
    expect(context.dictation.confirmable).toBeUndefined();
    expect((await callAgain()).output).toMatch(/Gladly/);
    expect(await balance()).toBe(0);
  });

  it('with a slip asks for the group, and costs no attempt', async () => {
    const code = await newCode();
    const wrong = code.slice(0, 4) + (code.startsWith('F', 4) ? 'H' : 'F') + code.slice(5);
    for (let i = 0; i < 12; i++) expect(await say(spellCode(wrong))).toMatch(/Which group is wrong\?/);
    expect(await attempts()).toBeUndefined();
    expect(await say(`second group, ${spellCode(code.slice(4, 8))}`)).toMatch(/Shall I activate it/);
    expect(await say('Yes.')).toMatch(/You have 1 hour now/);
    expect(await say(code)).toMatch(/Shall I activate it/);
    expectSecret(code);
  }, 60_000);

  it('that belongs to no card is counted, and after ten the answer is the same for every code', async () => {
    const real = await newCode();
    for (let i = 0; i < 10; i++) {
      await say(deriveActivationCode('another key', `card ${i}`));
      expect(await say('Yes.')).toBe('I do not know that code.');
    }
    expect(await attempts()).toBe(10);
    await say(real);
    expect(await say('Yes.')).toBe('There were too many wrong codes. Please try again in an hour.');
    expect(await balance()).toBe(0);
  }, 60_000);

  it('may be tried again with a yes when the database was away', async () => {
    const code = await newCode();
    await say(code);
    context.database = createDatabaseClient('http://127.0.0.1:9', TEST_KEYS.secretKey);
    expect(await say('Yes.')).toMatch(/cannot reach your account/);
    context.database = db.service;
    expect((await callAgain()).output).toMatch(/^.*activated\. You have 1 hour now/);
  });

  it('is not taken where the agent has no key', async () => {
    context.activationCodeKey = undefined;
    expect(await say('I have a gift code.')).toMatch(/enter yours on your page/);
  });
});

/** Calls the tool with a yes, as a model that repeats itself would. */
async function callAgain(): Promise<{ output: string }> {
  const fake = new voice.testing.FakeLLM([
    { input: 'again', toolCalls: [{ name: 'activate_code', args: { answer: 'yes' } }] },
  ]);
  const own = new voice.AgentSession<CallContext>({
    llm: fake,
    vad: null,
    turnHandling: { turnDetection: null },
    userData: context,
  });
  await own.start({ agent: createAssistant() });
  const { expect: heard } = await own.run({ userInput: 'again' }).wait();
  heard.nextEvent().isFunctionCall({ name: 'activate_code' });
  const { item } = heard.nextEvent().isFunctionCallOutput().event();
  await own.close();
  return item;
}

describe('the nodes of the agent', () => {
  const CODE = withCheckCharacter('7F29HJKLMPQ');
  const audio = () => new ReadableStream<never>();
  const settings = {} as voice.ModelSettings;
  async function collect<Chunk>(stream: AsyncIterable<Chunk> | null): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    if (stream) for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  }

  function agentHearing(texts: { type: stt.SpeechEventType; text: string }[]) {
    const agent = new voice.Agent<CallContext>({ instructions: '' });
    const said: string[] = [];
    agent.sttNode = async () =>
      ReadableStream.from(
        texts.map(({ type, text }) => ({
          type,
          alternatives: [{ text, language: 'en', startTime: 0, endTime: 1, confidence: 1 }],
        })),
      ) as never;
    agent.ttsNode = async (text) => {
      for await (const chunk of text) said.push(chunk);
      return null;
    };
    Object.defineProperty(agent, 'session', { value: { userData: context } });
    return { agent: keepCodesSecret(agent), said };
  }

  it('hide what is heard, and keep only what is final', async () => {
    context.dictation.open();
    const { INTERIM_TRANSCRIPT, FINAL_TRANSCRIPT } = stt.SpeechEventType;
    const { agent } = agentHearing([
      { type: INTERIM_TRANSCRIPT, text: 'seven, Foxtrot' },
      { type: FINAL_TRANSCRIPT, text: 'Seven, Foxtrot, two, nine.' },
      { type: FINAL_TRANSCRIPT, text: 'How much time do I have left?' },
    ]);
    const events = (await collect(await agent.sttNode(audio(), settings))) as stt.SpeechEvent[];
    expect(events.map((event) => event.alternatives?.[0].text)).toEqual([
      CODE_MARK,
      CODE_MARK,
      'How much time do I have left?',
    ]);
    expect(context.dictation.progress()).toEqual({ state: 'partial', heard: '7F29' });
  });

  it('let go of the recogniser at once', async () => {
    const { agent } = agentHearing([]);
    const own = new voice.Agent<CallContext>({ instructions: '' });
    let isClosed = false;
    own.sttNode = async () =>
      new ReadableStream({
        cancel() {
          isClosed = true;
        },
      }) as never;
    Object.defineProperty(own, 'session', { value: agent.session });
    const events = await keepCodesSecret(own).sttNode(audio(), settings);
    const reader = events?.getReader();
    void reader?.read();
    await reader?.cancel();
    expect(isClosed).toBe(true);
  });

  it('let only the voice say it', async () => {
    const { agent, said } = agentHearing([]);
    context.dictation.spelling = spellCode(CODE);
    const text = `I heard: ${CODE_MARK}. Shall I activate it?`;
    await agent.ttsNode(ReadableStream.from([text]), settings);
    expect(said).toEqual([`I heard: ${spellCode(CODE)}. Shall I activate it?`]);
    const shown = await collect(await agent.transcriptionNode(ReadableStream.from([text, CODE]), settings));
    expect(shown).toEqual([text, CODE_MARK]);
  });
});

it("the framework's own log never has it", async () => {
  let written = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
  initializeLogger({ pretty: false, level: 'trace' });
  try {
    const code = await newCode();
    await session.close();
    await startSession();
    await say(`Please activate ${spellCode(code)}`);
    await say('Yes.');
    expect(await balance()).toBe(3600);
    // It does log what it does, down to the arguments of tools.
    expect(written).toContain('activate_code');
    for (const form of [code, spellCode(code), spellCode(code.slice(4, 8))]) {
      expect(written).not.toContain(form);
    }
  } finally {
    stdout.mockRestore();
    initializeLogger({ pretty: false, level: 'fatal' });
  }
});
