import { voice } from '@livekit/agents';
import type { Logger } from 'pino';
import { listPackages } from '../shared/catalogue/list-packages.ts';
import { systemClock } from '../shared/clock.ts';
import type { CallConfig } from '../shared/config/variables.ts';
import type { DatabaseClient } from '../shared/database/client.ts';
import { type AssistantOptions, createAssistant, createDesk } from './assistant.ts';
import { type CallTicket, createBilling } from './call/billing.ts';
import { Call } from './call/call.ts';
import { type AgentFor, sessionConversation, watchStt } from './call/conversation.ts';
import type { Line } from './call/line.ts';
import { Dictation } from './codes/dictation.ts';
import { type Measuring, measureCall, measuresForBill } from './measures/measure-call.ts';
import { ToolUses } from './measures/tool-uses.ts';
import { CallMemory, type MemoryOutcome } from './memory/call-memory.ts';
import { createEmbedder } from './memory/create-embedder.ts';
import { rememberCall } from './memory/remember-call.ts';
import { type PaidTool, readPaidTools } from './paid-apis/paid-tools.ts';
import { type CallerProfile, spokenCaller } from './person/caller-profile.ts';
import { sentencesFor } from './sentences/sentences-for.ts';
import { createModels } from './speech/create-models.ts';
import { recoverStt, TRANSCRIPTION_TIMEOUT_MS } from './speech/stt/recover-stt.ts';
import { PreparedSpeech } from './speech/tts/prepared-speech.ts';
import { type TurnDetection, turnTaking } from './speech/turn-taking.ts';
import type { CallContext } from './tools/call-context.ts';

/** Longer than a reply can wait for its next sound without having failed. */
const REPLY_GAP_MS = 60_000;

/** Selling time takes no more: also for somebody who reads a code aloud twice. */
const DESK_ANSWERS = 12;
const DESK_WORDS = 150;

/** So many whole desks a person has within a day. */
const DESKS_PER_DAY = 4;

export type MediaOptions = {
  turnDetection: TurnDetection;
  /** Prepares the session's audio, and says what it is started with besides the agent. */
  attach(
    session: voice.AgentSession<CallContext>,
  ): Pick<Parameters<voice.AgentSession['start']>[0], 'room' | 'inputOptions' | 'outputOptions'>;
};

/** Makes the agent for each role. */
function castFor(assistant: Omit<AssistantOptions, 'chatCtx'>): AgentFor<CallContext> {
  return (role, chatCtx) =>
    role === 'desk'
      ? createDesk({ chatCtx, ...(assistant.locale && { locale: assistant.locale }) })
      : createAssistant({ chatCtx, ...assistant });
}

/** The framework's session of one call: its stt, llm and tts, and who may speak when. */
function createSession(
  config: CallConfig,
  { stt, llm, tts }: ReturnType<typeof createModels>,
  userData: CallContext,
  turnDetection: TurnDetection,
) {
  const spoken = turnDetection !== null;
  return new voice.AgentSession<CallContext>({
    llm,
    ...(spoken ? { stt, tts, transcriptionTimeout: TRANSCRIPTION_TIMEOUT_MS } : { vad: null }),
    userData,
    turnHandling: turnTaking(config, turnDetection),
    // The models have deadlines of their own, and several providers to ask: only then a reply has failed.
    ttsReadIdleTimeout: REPLY_GAP_MS,
    forwardAudioIdleTimeout: REPLY_GAP_MS,
    // The call decides when too many turns had no answer, so that it can end with a word and a bill.
    connOptions: { maxUnrecoverableErrors: Number.POSITIVE_INFINITY },
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
  caller?: CallerProfile | undefined;
  /** Where whoever answers asked for them while something else was waited for; else they are asked for here. */
  paidTools?: Promise<PaidTool[]>;
  logger: Logger;
  onRenewalFailed?: () => void;
}): Promise<{
  call: Call;
  session: voice.AgentSession<CallContext>;
  measuring: Measuring;
  /** To be called when the call has ended: leaves to the next one what was told. Never throws. */
  remember(): Promise<MemoryOutcome>;
}> {
  const { config, ticket, database, line, media, logger } = options;
  const caller = spokenCaller(config, options.caller);
  const sentences = sentencesFor(caller.locale);
  const pricing = keepWhenKnown(() => listPackages(database));
  // Asked for early; where that fails, whoever needs it asks again.
  pricing().catch((error: unknown) => logger.warn({ err: error }, 'catalogue not read'));
  const memory = new CallMemory(caller);
  const embedder = createEmbedder(config, logger);
  const toolUses = new ToolUses();
  const isOfTenant = ticket.tenantId !== undefined;
  const userData: CallContext = {
    ...ticket,
    database,
    line,
    locale: caller.locale,
    sentences,
    pricing,
    dictation: new Dictation(),
    activationCodeKey: config.ACTIVATION_CODE_KEY,
    memory,
    embedder,
    toolUses,
    startedAt: new Date(),
    meter: () => call.meter,
    sayGoodbye: () => call.sayGoodbye(),
  };
  // Before the call is answered, and for no longer than it may ring: no turn waits for it.
  const paidTools = await (options.paidTools ?? readPaidTools({ config, ticket, database, logger }));
  const assistant = { locale: caller.locale, memory, isOfTenant, paidTools };
  const { events, onStt } = watchStt();
  const models = createModels(config, caller, { ...events, logger });
  const prepared = media.turnDetection === null ? undefined : new PreparedSpeech(models.tts, systemClock);
  const session = createSession(config, models, userData, media.turnDetection);
  const startOptions = {
    agent: createAssistant(assistant),
    record: false,
    ...media.attach(session),
  };
  const agentFor = castFor(assistant);
  const conversation = sessionConversation(session, startOptions, systemClock, agentFor, {
    prepared,
    onStt,
    refusal: (why) => sentences.faults[why],
  });
  recoverStt(session, {
    stt: models.stt,
    askAgain: () => conversation.say(sentences.notHeard),
    clock: systemClock,
    logger,
  });
  const measuring = measureCall(session, {
    prices: config.PROVIDER_PRICES,
    version: config.RELEASE,
    toolUses,
    onNoAnswer: conversation.onNoAnswer,
  });
  const call = new Call({
    callId: ticket.callId,
    line,
    sentences,
    billing: createBilling(config, ticket, database, measuresForBill(measuring, logger)),
    conversation,
    clock: systemClock,
    logger,
    onRenewalFailed: options.onRenewalFailed ?? (() => {}),
    settings: {
      sliceSeconds: config.SLICE_SECONDS,
      reconnectGraceSeconds: config.RECONNECT_GRACE_SECONDS,
      deskSeconds: config.DESK_SECONDS,
      deskSecondsPerDay: config.DESK_SECONDS * DESKS_PER_DAY,
      deskAnswers: DESK_ANSWERS,
      deskWords: DESK_WORDS,
      silenceAskSeconds: config.SILENCE_ASK_SECONDS,
      silenceGoodbyeSeconds: config.SILENCE_GOODBYE_SECONDS,
    },
  });
  const remember = () =>
    rememberCall({ ...ticket, config, database, memory, history: session.history, embedder, logger });
  return { call, session, measuring, remember };
}
