import { voice } from '@livekit/agents';
import type { Logger } from 'pino';
import type { ProviderPrices } from '../../shared/provider-prices.ts';
import { type CallMeasures, type Counts, summarize } from './call-measures.ts';
import type { ToolUse, ToolUses } from './tool-uses.ts';
import { type Turn, TurnLog } from './turn-log.ts';
import { addUsage, nameOf, type Usage } from './usage.ts';

/** More than there are parts that can fail. */
const MAX_PROVIDERS = 8;

/** Of one call. Asking costs nothing but the time to sort a few hundred numbers. */
export type Measuring = {
  /** Calls back with each turn that is over, once. */
  onTurn(listener: (turn: Turn) => void): void;
  /** The measures so far. @param endReason why the call ends */
  measures(endReason: string): CallMeasures & { tools: ToolUse[]; version?: string };
};

type Options = {
  prices: ProviderPrices;
  /** What this version of the agent is called. */
  version?: string | undefined;
  toolUses: ToolUses;
  /** Tells of turns without an answer. */
  onNoAnswer: ((listener: (sinceMs: number) => void) => void) | undefined;
};

const inMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

/** Without what is not known. */
function turnOf(parts: { [Part in keyof Turn]: number | undefined }): Turn {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

/** Counts an error by the part that failed and who provides it, as `llm@api.openai.com`. */
function countError(counts: Counts, { error, source }: voice.ErrorEvent): void {
  if (!('type' in error)) return;
  if (error.recoverable) {
    counts.retries++;
    return;
  }
  const name = nameOf(`${error.type.replace('_error', '')}@${source?.provider ?? 'unknown'}`);
  const key = counts.errors.has(name) || counts.errors.size < MAX_PROVIDERS ? name : 'other';
  counts.errors.set(key, (counts.errors.get(key) ?? 0) + 1);
}

/** Follows the turns: when the caller is done, when the answer is heard, and who cuts whom short. */
function followTurns<Context>(session: voice.AgentSession<Context>, turns: TurnLog, counts: Counts): void {
  const { AgentFalseInterruption, AgentStateChanged, ConversationItemAdded, UserStateChanged } =
    voice.AgentSessionEventTypes;
  let agentSpeaksSinceMs = Number.POSITIVE_INFINITY;
  let callerSpeaksSinceMs = Number.NEGATIVE_INFINITY;
  session.on(UserStateChanged, ({ newState, createdAt }) => {
    if (newState === 'speaking') callerSpeaksSinceMs = createdAt;
  });
  session.on(AgentStateChanged, ({ newState, createdAt }) => {
    if (newState !== 'speaking') return;
    agentSpeaksSinceMs = createdAt;
    turns.answered(createdAt);
  });
  session.on(AgentFalseInterruption, () => {
    counts.falseInterruptions++;
  });
  session.on(ConversationItemAdded, ({ item, createdAt }) => {
    if (item.type !== 'message') return;
    const { endOfTurnDelay, transcriptionDelay, stoppedSpeakingAt, ...answer } = item.metrics;
    if (item.role === 'user') {
      const parts = { end_of_turn: inMs(endOfTurnDelay), transcription: inMs(transcriptionDelay) };
      // What was typed went through no end of turn. Of what was spoken the end may be unknown, and so is the whole then.
      const isTyped = item.metrics.onUserTurnCompletedDelay === undefined;
      turns.begin(turnOf(parts), inMs(stoppedSpeakingAt) ?? (isTyped ? createdAt : undefined));
    } else if (item.role === 'assistant') {
      // The call interrupts itself, too, to say goodbye: that is nobody's interruption.
      if (item.interrupted && callerSpeaksSinceMs >= agentSpeaksSinceMs) counts.interruptions++;
      // Notices are said without the model, and are no answer.
      if (answer.llmNodeTtft === undefined) return;
      const heardFromMs = inMs(answer.startedSpeakingAt);
      const whole = inMs(answer.e2eLatency);
      const parts = {
        llm_first_token: inMs(answer.llmNodeTtft),
        tts_first_byte: inMs(answer.ttsNodeTtfb),
        whole,
      };
      const isAnchored = heardFromMs !== undefined && whole !== undefined;
      turns.heard(turnOf(parts), isAnchored ? heardFromMs - whole : undefined, heardFromMs);
    }
  });
}

/** Measures a call by the events of its session. Nothing waits for it, and what it keeps does not grow with the call. */
export function measureCall<Context>(session: voice.AgentSession<Context>, options: Options): Measuring {
  const { Error: ErrorEvent, FunctionToolsExecuted, MetricsCollected } = voice.AgentSessionEventTypes;
  const listeners: ((turn: Turn) => void)[] = [];
  const turns = new TurnLog((turn) => {
    for (const listener of listeners) listener(turn);
  });
  const usage: Usage = { llm: [], tts: [], stt: [] };
  const counts: Counts = {
    interruptions: 0,
    falseInterruptions: 0,
    unanswered: 0,
    toolCalls: 0,
    failedToolCalls: 0,
    retries: 0,
    errors: new Map(),
  };
  followTurns(session, turns, counts);
  session.on(MetricsCollected, ({ metrics }) => addUsage(usage, metrics));
  session.on(ErrorEvent, (event) => countError(counts, event));
  session.on(FunctionToolsExecuted, ({ functionCalls, functionCallOutputs }) => {
    counts.toolCalls += functionCalls.length;
    counts.failedToolCalls += functionCallOutputs.filter((output) => output?.isError).length;
  });
  options.onNoAnswer?.(() => {
    counts.unanswered++;
    // The apology that follows is no answer.
    turns.finish();
  });
  return {
    onTurn: (listener) => void listeners.push(listener),
    measures(endReason) {
      turns.finish();
      return {
        ...summarize(turns, counts, usage, options.prices, endReason),
        tools: options.toolUses.list(),
        ...(options.version !== undefined && { version: options.version }),
      };
    },
  };
}

/** The measures to send with a bill, or undefined: a bill without measures is a bill, and must not wait for them. */
export function measuresForBill(
  measuring: Measuring,
  logger: Logger,
): (endReason: string) => CallMeasures | undefined {
  return (endReason) => {
    try {
      return measuring.measures(endReason);
    } catch (error) {
      logger.warn({ err: error }, 'call not measured');
      return undefined;
    }
  };
}
