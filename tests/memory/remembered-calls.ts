import { Writable } from 'node:stream';
import { initializeLogger } from '@livekit/agents';
import { pino } from 'pino';
import { readCallerProfile } from '../../agent/person/read-caller-profile.ts';
import { createTextCall } from '../agent/start-text-call.ts';
import { createTestDatabase } from '../support/database.ts';
import { signUpWith } from '../time/people.ts';
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

  /** A whole call. @returns what became of its memory, and the agent's answers to `turns` */
  async function call(
    userId: string,
    turns: readonly string[] | ((call: TextCall) => Promise<void>),
    variables: Record<string, string> = {},
  ) {
    const caller = await readCallerProfile(db.service, userId, logger);
    const text = await createTextCall(db, model, { userId, variables, caller, logger });
    const { ask, callId, line, remember, session } = text;
    const { ended } = await text.begin();
    const answers: string[] = [];
    if (typeof turns === 'function') {
      await turns({
        ask,
        tools: () =>
          session.history.items.flatMap((item) => (item.type === 'function_call' ? [item.name] : [])),
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
    person: () => signUpWith(db, 3600),
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
