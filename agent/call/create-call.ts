import { inference, voice } from '@livekit/agents';
import type { Logger } from 'pino';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { createAssistant } from '../assistant.ts';
import { apologiseForSilence } from '../speech/apologise.ts';
import { createHearing, createModels } from '../speech/create-models.ts';
import { recoverHearing, TRANSCRIPTION_TIMEOUT_MS } from '../speech/recover-hearing.ts';
import type { CallContext } from '../tools/call-context.ts';
import { type CallTicket, databaseBilling } from './billing.ts';
import { Call } from './call.ts';
import { sessionConversation } from './conversation.ts';
import type { Line } from './line.ts';

export type MediaOptions = {
  /** How the end of the caller's turn is found: by the local model (needs a job), by voice activity, or not at all. */
  turnDetection: 'model' | 'vad' | null;
  /** Prepares the session's audio, and says what it is started with besides the agent. */
  attach(
    session: voice.AgentSession<CallContext>,
  ): Pick<Parameters<voice.AgentSession['start']>[0], 'room' | 'inputOptions' | 'outputOptions'>;
};

function createSession(
  config: CallConfig,
  userData: CallContext,
  turnDetection: MediaOptions['turnDetection'],
) {
  const spoken = turnDetection !== null;
  const { stt, llm, tts } = createModels(config);
  return new voice.AgentSession<CallContext>({
    llm,
    ...(spoken ? { stt, tts, transcriptionTimeout: TRANSCRIPTION_TIMEOUT_MS } : { vad: null }),
    userData,
    // Both are pinned to run on this machine: their defaults would call a cloud service in development.
    turnHandling: {
      turnDetection:
        turnDetection === 'model' ? new inference.TurnDetector({ version: 'v1-mini' }) : turnDetection,
      interruption: { mode: 'vad' },
    },
  });
}

/** Asks once, and again only as long as asking fails. */
function keepWhenKnown<Result>(ask: () => Promise<Result>): () => Promise<Result> {
  let known: Promise<Result> | undefined;
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

/** Puts a call together: conversation, billing and line. Nothing is said or billed before `run()`. */
export async function createCall(options: {
  config: CallConfig;
  ticket: CallTicket;
  database: DatabaseClient;
  line: Line;
  media: MediaOptions;
  logger: Logger;
  onRenewalFailed?: () => void;
}): Promise<{ call: Call; session: voice.AgentSession<CallContext> }> {
  const { config, ticket, database, line, media, logger } = options;
  const pricing = keepWhenKnown(() => listPackages(database));
  // Asked for early; where that fails, whoever needs it asks again.
  pricing().catch((error: unknown) => logger.warn({ err: error }, 'catalogue not read'));
  const userData: CallContext = {
    ...ticket,
    database,
    line,
    pricing,
    startedAt: new Date(),
    meter: () => call.meter,
  };
  const session = createSession(config, userData, media.turnDetection);
  apologiseForSilence(session);
  recoverHearing(session, (chatCtx) => createAssistant({ stt: createHearing(config), chatCtx }), logger);
  const startOptions = { agent: createAssistant(), record: false, ...media.attach(session) };
  const call = new Call({
    callId: ticket.callId,
    line,
    billing: databaseBilling(database, ticket, {
      sliceSeconds: config.SLICE_SECONDS,
      leaseMarginSeconds: config.LEASE_MARGIN_SECONDS,
      maxCallsPerPerson: config.MAX_CALLS_PER_PERSON,
    }),
    conversation: sessionConversation(session, startOptions, systemClock),
    clock: systemClock,
    logger,
    onRenewalFailed: options.onRenewalFailed ?? (() => {}),
    settings: { sliceSeconds: config.SLICE_SECONDS, reconnectGraceSeconds: config.RECONNECT_GRACE_SECONDS },
  });
  return { call, session };
}
