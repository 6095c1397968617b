import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createCall } from '../../agent/create-call.ts';
import type { CallerProfile } from '../../agent/person/caller-profile.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import type { TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { FakeLine } from './fake-call.ts';
import { until } from './worker-process.ts';

type Options = {
  callId?: string;
  userId: string;
  tenantId?: string;
  variables?: Record<string, string>;
  caller?: CallerProfile | undefined;
  logger?: Logger;
};

/** A call by text: real tools, meter and database, no speech. It does not run yet. */
export async function createTextCall(
  db: TestDatabase,
  model: { baseUrl: string },
  {
    userId,
    tenantId,
    callId = randomUUID(),
    variables,
    caller,
    logger = createLogger('call', 'silent'),
  }: Options,
) {
  const config = loadConfig(callVariables, {
    SUPABASE_URL: db.gateway.url,
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: model.baseUrl,
    DEEPGRAM_API_KEY: 'key',
    ...variables,
  });
  const line = new FakeLine('present');
  const { call, session, remember } = await createCall({
    config,
    ticket: { callId, userId, ...(tenantId && { tenantId }), roomName: callRoomName(callId) },
    database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
    line,
    ...(caller && { caller }),
    media: { turnDetection: null, attach: () => ({}) },
    logger,
  });
  const said = () =>
    session.history.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
    );
  return {
    call,
    callId,
    session,
    line,
    remember,
    /** What the agent said so far. */
    said,
    /** Says something, and answers what the agent said last. */
    async ask(userInput: string): Promise<string> {
      await session.run({ userInput }).wait();
      return said().at(-1) ?? '';
    },
    /** Runs until the clock does. @returns a promise of the end, boxed, so that it is not waited for */
    async begin() {
      const ended = call.run();
      await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
      return { ended };
    },
  };
}
