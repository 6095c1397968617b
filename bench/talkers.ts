import { randomUUID } from 'node:crypto';
import { voice } from '@livekit/agents';
import { createClient } from '@supabase/supabase-js';
import { createAssistant } from '../agent/assistant.ts';
import { createCall } from '../agent/create-call.ts';
import { spokenCaller } from '../agent/person/caller-profile.ts';
import { createModels } from '../agent/speech/create-models.ts';
import type { CallContext } from '../agent/tools/call-context.ts';
import { createInProcessLine } from '../local/caller/in-process-line.ts';
import { callRoomName } from '../shared/api/calls.ts';
import type { CallConfig } from '../shared/config/variables.ts';
import type { Database } from '../shared/database/types.ts';
import { createLogger } from '../shared/logging.ts';

export type Session = voice.AgentSession<CallContext>;

/** Settles when the next answer begins to reach the caller. */
function nextWord(session: Session): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen = ({ newState }: voice.AgentStateChangedEvent) => {
    if (newState !== 'speaking') return;
    session.off(voice.AgentSessionEventTypes.AgentStateChanged, listen);
    resolve();
  };
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, listen);
  return promise;
}

/** The same instructions and tools on the same model, and nothing of ours around them. */
export async function startBareAgent(config: CallConfig): Promise<Session> {
  const { instructions, toolCtx } = createAssistant();
  const agent = new voice.Agent<CallContext>({ instructions, tools: toolCtx });
  const session = new voice.AgentSession<CallContext>({
    llm: createModels(config, spokenCaller(config)).llm,
    vad: null,
    turnHandling: { turnDetection: null, interruption: { mode: 'vad' } },
  });
  await session.start({ agent, record: false });
  return session;
}

/** A call as the product makes it, on the real database; `queries` counts what its client sends, by what is asked. */
export async function startBilledAgent(config: CallConfig, userId: string, queries: Map<string, number>) {
  const { line, caller } = createInProcessLine();
  const callId = randomUUID();
  const database = createClient<Database>(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY, {
    db: { retry: false },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: {
      fetch: (input, init) => {
        const asked = new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1) ?? '';
        queries.set(asked, (queries.get(asked) ?? 0) + 1);
        return fetch(input, init);
      },
    },
  });
  const { call, session } = await createCall({
    config,
    ticket: { callId, userId, roomName: callRoomName(callId) },
    database,
    line,
    logger: createLogger('bench', 'error'),
    media: { turnDetection: null, attach: () => ({}) },
  });
  const greeted = nextWord(session);
  const ended = call.run();
  await greeted;
  const hangUp = async () => {
    await caller.hangUp();
    return ended;
  };
  return { session, hangUp };
}

/** Milliseconds from what the caller says to the first word of the answer. */
export async function takeTurn(session: Session, userInput: string): Promise<number> {
  const startedAt = performance.now();
  const first = nextWord(session).then(() => performance.now() - startedAt);
  await session.run({ userInput }).wait();
  return first;
}
