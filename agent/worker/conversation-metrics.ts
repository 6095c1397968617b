import { Counter, Histogram, type Registry } from 'prom-client';
import type { Report } from './reports.ts';

type Observed = Extract<Report, { type: 'turn' | 'call_measured' }>;
type Measured = Extract<Report, { type: 'call_measured' }>;

const MICROS = 1_000_000;

/** Turns, as they end. */
function turnMetrics(registers: Registry[]) {
  const whole = new Histogram({
    name: 'mindbot_turn_latency_seconds',
    help: 'From the end of what the caller said to the first sound of the answer',
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10],
    registers,
  });
  const parts = new Histogram({
    name: 'mindbot_turn_part_seconds',
    help: 'What a turn waits for: end_of_turn, transcription, llm_first_token, tts_first_byte. They may overlap',
    labelNames: ['part'],
    buckets: [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5],
    registers,
  });
  return (turn: Extract<Report, { type: 'turn' }>) => {
    for (const [part, seconds] of Object.entries(turn.parts)) {
      if (part === 'whole') whole.observe(seconds);
      else parts.observe({ part }, seconds);
    }
  };
}

/** What was used of providers, and what it cost. */
function usageMetrics(registers: Registry[]) {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const tokens = counter('mindbot_tokens_total', 'Tokens by model; input is with the cached', [
    'model',
    'kind',
  ]);
  const characters = counter('mindbot_spoken_characters_total', 'Characters spoken, by voice model', [
    'model',
  ]);
  const spoken = counter('mindbot_spoken_seconds_total', 'Seconds of speech made, by voice model', ['model']);
  const heard = counter('mindbot_heard_seconds_total', 'Seconds of audio transcribed, by model', ['model']);
  const cost = counter('mindbot_provider_cost_dollars_total', 'What providers will ask for: an estimate', []);
  const unpriced = counter('mindbot_unpriced_calls_total', 'Calls with a model without a price', ['model']);
  return (call: Measured) => {
    for (const { model, input_tokens, cached_tokens, output_tokens } of call.llm) {
      tokens.inc({ model, kind: 'input' }, input_tokens);
      tokens.inc({ model, kind: 'cached' }, cached_tokens);
      tokens.inc({ model, kind: 'output' }, output_tokens);
    }
    for (const { model, characters: count, audio_ms } of call.tts) {
      characters.inc({ model }, count);
      spoken.inc({ model }, audio_ms / 1000);
    }
    for (const { model, audio_ms } of call.stt) heard.inc({ model }, audio_ms / 1000);
    for (const model of call.unpriced) unpriced.inc({ model });
    cost.inc(call.provider_cost_micros / MICROS);
  };
}

/** How calls went. */
function callMetrics(registers: Registry[]) {
  const quality = new Histogram({
    name: 'mindbot_call_quality',
    help: 'Quality score of calls, 0 to 100: docs/voice-measures.md',
    buckets: [20, 40, 60, 70, 80, 90, 95, 100],
    registers,
  });
  const errors = new Counter({
    name: 'mindbot_provider_errors_total',
    help: 'Failures that were not retried, by what failed',
    labelNames: ['provider'],
    registers,
  });
  const events = new Counter({
    name: 'mindbot_conversation_events_total',
    help: 'Interruptions, false ones, turns without an answer, tools called, and attempts at providers repeated',
    labelNames: ['event'],
    registers,
  });
  return (call: Measured) => {
    if (call.quality !== null) quality.observe(call.quality);
    for (const [provider, count] of Object.entries(call.errors_by_provider)) errors.inc({ provider }, count);
    events.inc({ event: 'interruption' }, call.interruptions);
    events.inc({ event: 'false_interruption' }, call.false_interruptions);
    events.inc({ event: 'unanswered_turn' }, call.unanswered_turns);
    events.inc({ event: 'tool_call' }, call.tool_calls);
    events.inc({ event: 'retry' }, call.retries);
  };
}

/** What the conversations of a worker were like, for Prometheus. */
export function conversationMetrics(registers: Registry[]): (report: Observed) => void {
  const turn = turnMetrics(registers);
  const used = usageMetrics(registers);
  const ended = callMetrics(registers);
  return (report) => {
    if (report.type === 'turn') return turn(report);
    used(report);
    ended(report);
  };
}
