import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { initializeLogger, type voice } from '@livekit/agents';
import { pino } from 'pino';
import { createCall } from '../../agent/call/create-call.ts';
import { readCallerProfile } from '../../agent/person/read-caller-profile.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { FakeLine } from '../agent/fake-call.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime } from '../time/people.ts';
import { startRememberingModel } from './remembering-model.ts';

type TextCall = {
  ask(userInput: string): Promise<string>;
  /** Names of the tools that were called so far. */
  tools(): string[];
  instructions(): string;
};

/** Calls by text, on the real database, each of which knows what the ones before it left. */
export async function startRememberedCalls() {
  initializeLogger({ pretty: false, level: 'fatal' });
  const [db, model] = await Promise.all([createTestDatabase(), startRememberingModel()]);
  const log: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      log.push(String(line));
      done();
    },
  });
  const logger = pino({ level: 'trace' }, stream);

  const items = (session: voice.AgentSession<CallContext>) => session.history.items;
  const said = (session: voice.AgentSession<CallContext>) =>
    items(session).flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
    );

  /** A whole call. @returns what became of its memory, and the agent's answers to `turns` */
  async function call(
    userId: string,
    turns: readonly string[] | ((call: TextCall) => Promise<void>),
    variables: Record<string, string> = {},
  ) {
    const callId = randomUUID();
    const config = loadConfig(callVariables, {
      SUPABASE_URL: db.gateway.url,
      SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: model.baseUrl,
      DEEPGRAM_API_KEY: 'key',
      ...variables,
    });
    const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
    const line = new FakeLine('present');
    const { call, session, remember } = await createCall({
      config,
      ticket: { callId, userId, roomName: callRoomName(callId) },
      database,
      line,
      caller: await readCallerProfile(database, userId, logger),
      media: { turnDetection: null, attach: () => ({}) },
      logger,
    });
    const ended = call.run();
    await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
    const ask = async (userInput: string) => {
      await session.run({ userInput }).wait();
      return said(session).at(-1) ?? '';
    };
    const answers: string[] = [];
    if (typeof turns === 'function') {
      await turns({
        ask,
        tools: () => items(session).flatMap((item) => (item.type === 'function_call' ? [item.name] : [])),
        instructions: () => String(session.currentAgent.instructions),
      });
    } else for (const turn of turns) answers.push(await ask(turn));
    line.become('left');
    await ended;
    return { callId, answers, outcome: await remember() };
  }

  return {
    db,
    model,
    log,
    call,
    async person(): Promise<string> {
      const { id } = await db.signUp();
      await giveTime(db.sql, id, 3600);
      return id;
    },
    /** The caller's words that the model was last sent to take notes of. */
    lastSaid(): string[] {
      return JSON.parse(JSON.parse(model.received.notes.at(-1) ?? '').messages[1].content).said;
    },
    /** What the database holds of a person, newest last. */
    async memoriesOf(userId: string): Promise<string[]> {
      const rows = await db.sql`select text from public.caller_memories
        where user_id = ${userId} order by created_at, id`;
      return rows.map(({ text }) => text);
    },
    async close() {
      await model.close();
      await db.close();
    },
  };
}
