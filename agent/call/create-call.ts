import { inference, type llm, voice } from '@livekit/agents';
import type { Logger } from 'pino';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { createAssistant, createDesk } from '../assistant.ts';
import { Dictation } from '../codes/dictation.ts';
import { type CallerProfile, UNKNOWN_CALLER } from '../person/caller-profile.ts';
import { createModels } from '../speech/create-models.ts';
import { createHearing } from '../speech/hearing/create-hearing.ts';
import { recoverHearing, TRANSCRIPTION_TIMEOUT_MS } from '../speech/hearing/recover-hearing.ts';
import type { CallContext } from '../tools/call-context.ts';
import { batchedRenewal } from './batched-renewal.ts';
import { type CallTicket, databaseBilling } from './billing.ts';
import { Call } from './call.ts';
import { type AgentFor, type Role, sessionConversation } from './conversation.ts';
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
  caller: CallerProfile,
  userData: CallContext,
  turnDetection: MediaOptions['turnDetection'],
) {
  const spoken = turnDetection !== null;
  const { stt, llm, tts } = createModels(config, caller);
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
    // The call decides when too many turns had no answer, so that it can end with a word and a bill.
    connOptions: { maxUnrecoverableErrors: Number.POSITIVE_INFINITY },
  });
}

function createBilling(config: CallConfig, ticket: CallTicket, database: DatabaseClient) {
  const { RENEWAL_URL: url, SUPABASE_SERVICE_ROLE_KEY: key } = config;
  const settings = {
    sliceSeconds: config.SLICE_SECONDS,
    leaseMarginSeconds: config.LEASE_MARGIN_SECONDS,
    maxCallsPerPerson: config.MAX_CALLS_PER_PERSON,
  };
  const batched = url === undefined ? undefined : batchedRenewal(url, key);
  return databaseBilling(database, ticket, settings, batched);
}

/** Makes the agent for each role, and again with a hearing of its own after the recogniser was lost. */
function createCast(config: CallConfig, caller: CallerProfile) {
  let role: Role = 'assistant';
  let stt: ReturnType<typeof createHearing> | undefined;
  const agentFor: AgentFor<CallContext> = (next, chatCtx) => {
    role = next;
    const options = stt === undefined ? { chatCtx } : { chatCtx, stt };
    return role === 'desk' ? createDesk(options) : createAssistant(options);
  };
  return {
    agentFor,
    withFreshHearing: (chatCtx: llm.ChatContext) => {
      stt = createHearing(config, caller);
      return agentFor(role, chatCtx);
    },
  };
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
  caller?: CallerProfile;
  logger: Logger;
  onRenewalFailed?: () => void;
}): Promise<{ call: Call; session: voice.AgentSession<CallContext> }> {
  const { config, ticket, database, line, media, logger, caller = UNKNOWN_CALLER } = options;
  const pricing = keepWhenKnown(() => listPackages(database));
  // Asked for early; where that fails, whoever needs it asks again.
  pricing().catch((error: unknown) => logger.warn({ err: error }, 'catalogue not read'));
  const userData: CallContext = {
    ...ticket,
    database,
    line,
    pricing,
    dictation: new Dictation(),
    activationCodeKey: config.ACTIVATION_CODE_KEY,
    startedAt: new Date(),
    meter: () => call.meter,
    sayGoodbye: () => call.sayGoodbye(),
  };
  const session = createSession(config, caller, userData, media.turnDetection);
  const cast = createCast(config, caller);
  recoverHearing(session, cast.withFreshHearing, logger);
  const startOptions = { agent: createAssistant(), record: false, ...media.attach(session) };
  const call = new Call({
    callId: ticket.callId,
    line,
    billing: createBilling(config, ticket, database),
    conversation: sessionConversation(session, startOptions, systemClock, cast.agentFor),
    clock: systemClock,
    logger,
    onRenewalFailed: options.onRenewalFailed ?? (() => {}),
    settings: {
      sliceSeconds: config.SLICE_SECONDS,
      reconnectGraceSeconds: config.RECONNECT_GRACE_SECONDS,
      deskSeconds: config.DESK_SECONDS,
      silenceAskSeconds: config.SILENCE_ASK_SECONDS,
      silenceGoodbyeSeconds: config.SILENCE_GOODBYE_SECONDS,
    },
  });
  return { call, session };
}
