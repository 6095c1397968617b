import { EventEmitter } from 'node:events';
import { type metrics, voice } from '@livekit/agents';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { measureCall, measuresForBill } from '../../agent/measures/measure-call.ts';
import { ToolUses } from '../../agent/measures/tool-uses.ts';
import { KEPT_TURNS, percentile, type Turn } from '../../agent/measures/turn-log.ts';
import { addUsage, type Usage } from '../../agent/measures/usage.ts';
import { readProviderPrices } from '../../shared/provider-prices.ts';

/** The session's events, without the session. */
let events: EventEmitter;
let noAnswer: () => void;
let told: Turn[];
let measuring: ReturnType<typeof measureCall>;
beforeEach(() => {
  events = new EventEmitter();
  told = [];
  measuring = measureCall(events as unknown as voice.AgentSession, {
    prices: readProviderPrices(),
    toolUses: new ToolUses(),
    version: '1.2.0',
    onNoAnswer: (listener) => {
      noAnswer = () => listener(0);
    },
  });
  measuring.onTurn((turn) => told.push({ ...turn }));
});

const AT = 1_800_000_000_000;
const { AgentFalseInterruption, AgentStateChanged, ConversationItemAdded, UserStateChanged } =
  voice.AgentSessionEventTypes;
const says = (role: string, report: object, atMs: number, interrupted = false) =>
  events.emit(ConversationItemAdded, {
    item: { type: 'message', role, interrupted, metrics: report },
    createdAt: atMs,
  });
const callerSpeaks = (endsAtMs: number) =>
  says(
    'user',
    {
      endOfTurnDelay: 0.4,
      transcriptionDelay: 0.2,
      stoppedSpeakingAt: endsAtMs / 1000,
      onUserTurnCompletedDelay: 0,
    },
    endsAtMs + 400,
  );
const answers = (endOfSpeechMs: number, e2eLatency: number, atMs: number) =>
  says(
    'assistant',
    {
      llmNodeTtft: 0.3,
      ttsNodeTtfb: 0.25,
      e2eLatency,
      startedSpeakingAt: endOfSpeechMs / 1000 + e2eLatency,
    },
    atMs,
  );
const agentIs = (newState: string, createdAt: number) =>
  events.emit(AgentStateChanged, { oldState: 'x', newState, createdAt });
const measures = () => measuring.measures('said_goodbye');

test('measures say which version of the agent held the call, where it has a name', () => {
  expect(measures()).toMatchObject({ version: '1.2.0' });
  const unnamed = measureCall(events as unknown as voice.AgentSession, {
    prices: readProviderPrices(),
    toolUses: new ToolUses(),
    onNoAnswer: undefined,
  });
  expect(unnamed.measures('said_goodbye')).not.toHaveProperty('version');
});

test('a spoken turn has its parts, as soon as the answer is heard', () => {
  callerSpeaks(AT);
  agentIs('thinking', AT + 400);
  agentIs('speaking', AT + 1100);
  // The caller hangs up before the answer is over: it counts.
  expect(measures()).toMatchObject({ turns: 1, latency_p50_ms: 1100 });
  expect(told).toEqual([{ end_of_turn: 400, transcription: 200, whole: 1100 }]);
});

test('an answer that was heard to its end brings the parts of model and voice, and is told once', () => {
  callerSpeaks(AT);
  agentIs('speaking', AT + 1100);
  answers(AT, 1.2, AT + 5000);
  measures();
  expect(told).toEqual([
    { end_of_turn: 400, transcription: 200, llm_first_token: 300, tts_first_byte: 250, whole: 1200 },
  ]);
});

test('an answer that was cut short is told of after the next turn began, and counts for its own', () => {
  callerSpeaks(AT);
  agentIs('speaking', AT + 900);
  callerSpeaks(AT + 5000);
  answers(AT, 0.9, AT + 5450);
  agentIs('speaking', AT + 6500);
  answers(AT + 5000, 1.5, AT + 9000);
  const answer = { end_of_turn: 400, transcription: 200, llm_first_token: 300, tts_first_byte: 250 };
  expect(measures().latest_turns).toEqual([
    [400, 200, 300, 250, 900],
    [400, 200, 300, 250, 1500],
  ]);
  expect(told.at(-1)).toEqual({ ...answer, whole: 1500 });
});

test('what is typed is measured from when it came', () => {
  says('user', {}, AT);
  agentIs('speaking', AT + 90);
  expect(measures().parts.whole).toEqual({ count: 1, p50_ms: 90, p95_ms: 90 });
});

test('what was spoken without an end that was noticed has no whole: it would look too good', () => {
  says('user', { onUserTurnCompletedDelay: 0 }, AT);
  agentIs('speaking', AT + 90);
  expect(measures()).toMatchObject({ turns: 1, latency_p50_ms: null });
});

test('a notice is no answer, and neither is the apology for a turn without one', () => {
  callerSpeaks(AT);
  noAnswer();
  agentIs('speaking', AT + 9000);
  says('assistant', { ttsNodeTtfb: 0.2 }, AT + 9900);
  expect(measures()).toMatchObject({ turns: 1, unanswered_turns: 1, latency_p50_ms: null, quality: 70 });
  expect(measures().parts.tts_first_byte).toBeNull();
});

test('who is cut short by the caller was interrupted; by the goodbye of the call, not; and a cough is a false one', () => {
  agentIs('speaking', AT);
  says('assistant', {}, AT + 500, true);
  expect(measures().interruptions).toBe(0);
  agentIs('speaking', AT + 1000);
  events.emit(UserStateChanged, { newState: 'speaking', createdAt: AT + 2000 });
  says('assistant', {}, AT + 2500, true);
  events.emit(AgentFalseInterruption, { resumed: true });
  expect(measures()).toMatchObject({ interruptions: 1, false_interruptions: 1 });
});

test('memory is bounded: the latest turns are kept, all are counted', () => {
  for (let turn = 0; turn < KEPT_TURNS + 50; turn++) {
    callerSpeaks(AT + turn * 10_000);
    // The first ones were terrible.
    agentIs('speaking', AT + turn * 10_000 + (turn < 50 ? 9000 : 1000));
  }
  const { turns, latest_turns, latency_p95_ms } = measures();
  expect([turns, latest_turns.length, latency_p95_ms]).toEqual([KEPT_TURNS + 50, KEPT_TURNS, 1000]);
  expect(told).toHaveLength(KEPT_TURNS + 50);
  // What is stored may have 32 KiB.
  expect(JSON.stringify(measures()).length).toBeLessThan(16_000);
});

test('errors are counted by part and provider, attempts that were repeated apart, and never by what they say', () => {
  const error = (type: string, provider: string, recoverable: boolean) =>
    events.emit('error', {
      error: { type, label: 'x', recoverable, error: new Error('you said: my code is ABCD') },
      source: { provider },
    });
  error('llm_error', 'api.openai.com', true);
  error('llm_error', 'api.openai.com', false);
  error('stt_error', 'api.deepgram.com', false);
  for (let n = 0; n < 20; n++) error('tts_error', `host-${n}`, false);
  const { errors, retries, errors_by_provider } = measures();
  expect([errors, retries]).toEqual([22, 1]);
  expect(errors_by_provider).toMatchObject({
    'llm@api.openai.com': 1,
    'stt@api.deepgram.com': 1,
    other: 14,
  });
  expect(JSON.stringify(measures())).not.toMatch(/ABCD/);
});

test('tools are counted, and those that failed', () => {
  events.emit('function_tools_executed', {
    functionCalls: [{ name: 'a' }, { name: 'b' }],
    functionCallOutputs: [{ isError: true }, { isError: false }],
  });
  expect(measures()).toMatchObject({ tool_calls: 2, failed_tool_calls: 1 });
});

test('use is added up by model and provider; what is spoken once; and names are no sentences', () => {
  const usage: Usage = { llm: [], tts: [], stt: [] };
  const add = (report: object) => addUsage(usage, report as metrics.AgentMetrics);
  const metadata = { modelName: 'a model', modelProvider: 'api.openai.com' };
  for (const promptCachedTokens of [0, 60]) {
    add({ type: 'llm_metrics', promptTokens: 50, promptCachedTokens, completionTokens: 5, metadata });
  }
  const spoken = { type: 'tts_metrics', charactersCount: 20, audioDurationMs: 1500.4, metadata };
  add({ ...spoken, streamed: false });
  add({ ...spoken, streamed: true });
  add({ type: 'stt_metrics', audioDurationMs: Number.NaN });
  add({ type: 'vad_metrics' });
  const by = { model: 'a_model', provider: 'api.openai.com' };
  expect(usage).toEqual({
    llm: [{ ...by, requests: 2, input_tokens: 100, cached_tokens: 50, output_tokens: 10 }],
    tts: [{ ...by, requests: 1, characters: 20, audio_ms: 1500 }],
    stt: [{ model: 'unknown', provider: 'unknown', audio_ms: 0 }],
  });
});

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.95, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 100]);
  expect([percentile([], 0.5), percentile([7], 0.95)]).toEqual([undefined, 7]);
});

test('a call that cannot be measured is billed all the same', () => {
  const problems: string[] = [];
  const logger = pino({}, { write: (line: string) => void problems.push(line) });
  const broken = () => {
    throw new Error('no figures');
  };
  const measuresOf = measuresForBill({ ...measuring, measures: broken }, logger);
  expect(measuresOf('said_goodbye')).toBeUndefined();
  expect(problems.join()).toContain('call not measured');
});
