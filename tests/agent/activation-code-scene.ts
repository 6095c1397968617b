import { randomUUID } from 'node:crypto';
import { type llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { expect } from 'vitest';
import { createAssistant } from '../../agent/assistant.ts';
import { Dictation, spellCode } from '../../agent/codes/dictation.ts';
import { ToolUses } from '../../agent/measures/tool-uses.ts';
import { CallMemory } from '../../agent/memory/call-memory.ts';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { CODE_MARK } from '../../shared/secrets/mask-codes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { violations } from '../time/people.ts';
import { FakeLine } from './fake-call.ts';
import { startLanguageModel } from './language-model-server.ts';
import { until } from './worker-process.ts';

const KEY = 'an activation code key for tests only, of enough length';

async function balanceOf(db: TestDatabase, userId: string): Promise<number> {
  const [row] = await db.sql`select balance_seconds::int as s from time_accounts where user_id = ${userId}`;
  return Number(row?.s);
}

async function newContext(db: TestDatabase): Promise<CallContext> {
  const { id: userId } = await db.signUp();
  let remaining = 0;
  return {
    callId: randomUUID(),
    userId,
    database: db.service,
    line: new FakeLine('present'),
    locale: 'en-US',
    sentences: sentencesFor('en-US'),
    pricing: () => listPackages(db.service),
    dictation: new Dictation(),
    activationCodeKey: KEY,
    memory: new CallMemory(UNKNOWN_CALLER),
    embedder: undefined,
    toolUses: new ToolUses(),
    startedAt: new Date(),
    meter: () => ({
      chargedMs: () => 0,
      remainingSeconds: () => remaining,
      expiringSeconds: () => 0,
      grant: { freeSeconds: remaining },
      async renew() {
        remaining = await balanceOf(db, userId);
      },
    }),
    sayGoodbye() {},
  };
}

async function startSession(llm: llm.LLM, userData: CallContext): Promise<voice.AgentSession<CallContext>> {
  const session = new voice.AgentSession<CallContext>({
    llm,
    vad: null,
    turnHandling: { turnDetection: null },
    userData,
  });
  await session.start({ agent: createAssistant() });
  return session;
}

/** Calls the tool with a yes, as a model that repeats itself would. */
async function callAgain(context: CallContext): Promise<{ output: string }> {
  const fake = new voice.testing.FakeLLM([
    { input: 'again', toolCalls: [{ name: 'activate_code', args: { answer: 'yes' } }] },
  ]);
  const own = await startSession(fake, context);
  const { expect: heard } = await own.run({ userInput: 'again' }).wait();
  heard.nextEvent().isFunctionCall({ name: 'activate_code' });
  const { item } = heard.nextEvent().isFunctionCallOutput().event();
  await own.close();
  return item;
}

export type ActivationCodeCall = Awaited<ReturnType<typeof startCall>>;

/** Somebody new, who talks to the agent and has no time yet. */
async function startCall(db: TestDatabase, modelUrl: string) {
  const context = await newContext(db);
  const converse = () =>
    startSession(new openai.LLM({ model: 'gpt-any', apiKey: 'key', baseURL: modelUrl }), context);
  let session = await converse();
  const spoken = () =>
    session.history.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
    );
  return {
    context,
    /** Says something, and answers what the agent says to it. */
    async say(userInput: string): Promise<string> {
      const before = spoken().length;
      await session.run({ userInput }).wait();
      await until('the agent answers', () => spoken().length > before);
      return spoken().at(-1) ?? '';
    },
    /** Says something to which the agent may have no answer. */
    async sayOnly(userInput: string): Promise<void> {
      await session.run({ userInput }).wait();
    },
    callAgain: () => callAgain(context),
    interrupt: () => session.interrupt({ force: true }),
    balance: () => balanceOf(db, context.userId),
    attempts: async () =>
      (await db.sql`select failed_count from activation_attempts where user_id = ${context.userId}`)[0]
        ?.failed_count,
    /** Expects that nothing that is kept of the conversation has the code, in any of its forms. */
    expectSecret(code: string): void {
      // Ids, times and delays are numbers that a group of four digits may be a part of.
      const kept = JSON.stringify(session.history.items, (key, value) =>
        typeof value === 'number' || /^(id|callId|groupId|metrics)$/i.test(key) ? undefined : value,
      );
      for (const group of code.match(/.{4}/g) ?? []) {
        for (const form of [group, [...group].join(' '), spellCode(group)]) {
          expect(kept.toLowerCase()).not.toContain(form.toLowerCase());
        }
      }
      expect(kept).toContain(CODE_MARK);
    },
    async beginAnew(): Promise<void> {
      await session.close();
      session = await converse();
    },
    async end(): Promise<void> {
      await session.close();
      expect(await violations(db.sql)).toEqual([]);
    },
  };
}

/** A database and a language model, for calls in which a code is activated. */
export async function startActivationCodeScene() {
  const [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
  return {
    db,
    startCall: () => startCall(db, model.baseUrl),
    /** A code with an hour behind it. */
    async newCode(): Promise<string> {
      const id = randomUUID();
      const code = deriveActivationCode(KEY, id);
      await db.sql`insert into grants (id, unit, source, status, paid, bonus, remaining)
        values (${id}, 'second', 'bonus', 'unactivated', 0, 3600, 3600)`;
      await db.sql`insert into activation_codes (card_id, code_hash) values (${id}, ${hashActivationCode(KEY, code)})`;
      return code;
    },
    async close(): Promise<void> {
      await model.close();
      await db.close();
    },
  };
}
