import { callVariables } from '../../shared/config/variables.ts';
import { median, percentile, type Result, range } from '../results.ts';
import { interval } from './bootstrap.ts';
import type { CallFigures, TurnFigures } from './measure-turns.ts';
import { DELAYS, FIRST_SENTENCE_MS, type Stamp } from './providers/delays.ts';

/** The shortest endpointing delay, which applies when the end of a turn is sure. */
const ENDPOINTING_MS = callVariables.shape.END_OF_TURN_MIN_MS.parse(undefined);
/** The delays of all providers and the endpointing delay, one after the other. */
export const PROVIDERS_MS = ENDPOINTING_MS + DELAYS.transcript + DELAYS.firstToken + DELAYS.firstByte;
/** The shortest way through the providers for whoever thinks ahead: the endpointing delay runs meanwhile. */
const SHORTEST_MS = DELAYS.transcript + DELAYS.firstToken + FIRST_SENTENCE_MS + DELAYS.firstByte;

const MAX_RATIO = 1.02;
const MAX_MEMORY_RATIO = 1.1;
const MAX_ABOVE_MS = 150;

const ms = (value: number) => `${value.toFixed(0)} ms`;
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** All answered turns of a contender, in milliseconds. */
export function latenciesOf({ rounds }: TurnFigures, contender: number): number[] {
  return rounds.flatMap(({ latencyMs }) => latencyMs[contender] ?? []);
}

function ofLatency(figures: TurnFigures, name: string, index: number): Result {
  const latencies = latenciesOf(figures, index);
  const at = (share: number) => ms(percentile(latencies, share));
  return {
    name: `turn: ${name}`,
    value: `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`,
    details: `${latencies.length} turns answered, ${figures.rounds.length - latencies.length} not`,
  };
}

/** Of the same rounds: what disturbs the machine disturbs both. */
function ofRatio(figures: TurnFigures, against: number, share: number, hasGoal: boolean): Result {
  const pairs = figures.rounds.flatMap(({ latencyMs: { 0: ours, [against]: other } }) =>
    ours === undefined || other === undefined ? [] : [[ours, other] as const],
  );
  const ratioOf = (some: readonly (readonly [number, number])[]) =>
    percentile(
      some.map(([ours]) => ours),
      share,
    ) /
    percentile(
      some.map(([, other]) => other),
      share,
    );
  const ratio = ratioOf(pairs);
  const met = ratio <= MAX_RATIO;
  return {
    name: `turn: ours to ${figures.contenders[against]}, p${share * 100}`,
    value: '',
    ratio: { median: ratio, range: interval(pairs, ratioOf), to: `${figures.contenders[against]}` },
    ...(hasGoal && { goal: { text: `at most ${MAX_RATIO}x`, met } }),
    details: `${pairs.length} pairs; range: 95 % interval`,
  };
}

const p50s = (figures: TurnFigures) =>
  figures.contenders.map((_, index) => percentile(latenciesOf(figures, index), 0.5));

function ofAboveProviders(figures: TurnFigures): Result {
  const [ours = Number.NaN, ...others] = p50s(figures).map((latency) => latency - PROVIDERS_MS);
  const { transcript, firstToken, firstByte } = DELAYS;
  return {
    name: 'turn: ours above providers and endpointing, p50',
    value: ms(ours),
    goal: { text: `at most ${MAX_ABOVE_MS} ms`, met: ours <= MAX_ABOVE_MS },
    details:
      `${transcript} transcript + ${ENDPOINTING_MS} endpointing + ${firstToken} first token + ${firstByte} first byte; ` +
      `the others: ${others.map(ms).join(', ')}`,
  };
}

/** What is left when also the ways through the room and the model's first sentence are taken off. */
function ofOwnShare(figures: TurnFigures): Result {
  const least = SHORTEST_MS + 2 * figures.roomMs;
  const shares = p50s(figures).map((latency, index) => `${figures.contenders[index]} ${ms(latency - least)}`);
  return {
    name: 'turn: above the shortest way, p50',
    value: shares.join(', '),
    details: `${SHORTEST_MS} through the providers without endpointing, and twice ${ms(figures.roomMs)} through the room alone`,
  };
}

function ofCalls(figures: TurnFigures, name: string, show: (value: number) => string, goal?: number) {
  return (figure: keyof CallFigures): Result => {
    const values = figures.contenders.map((_, index) =>
      figures.calls.map((call) => call[index]?.[figure] ?? Number.NaN),
    );
    const ratios = (values[0] ?? []).map((ours, call) => ours / (values[1]?.[call] ?? Number.NaN));
    const ratio = median(ratios);
    return {
      name,
      value: figures.contenders.map((who, index) => `${who} ${show(median(values[index] ?? []))}`).join(', '),
      ratio: { median: ratio, range: range(ratios), to: figures.contenders[1] ?? '' },
      ...(goal !== undefined && { goal: { text: `at most ${goal}x`, met: ratio <= goal } }),
      details: `median of ${figures.calls.length} calls`,
    };
  };
}

const STAGES = [
  'speech_ended',
  'transcript_sent',
  'model_asked',
  'first_token_sent',
  'voice_asked',
  'first_byte_sent',
] as const satisfies Stamp['what'][];

/** Where the time of a turn goes, as the providers see it: median milliseconds since the end of the question. */
export function stagesOf(figures: TurnFigures, contender: number): Record<string, number> {
  const stages = STAGES.map((what) => {
    const times = figures.rounds.flatMap((round) => round.stages[contender]?.[what] ?? []);
    return [what, Math.round(median(times))];
  });
  return { ...Object.fromEntries(stages), heard: Math.round(median(latenciesOf(figures, contender))) };
}

/** The first contender is ours, the second the bare agent, and a third a bare one with our speech. */
export function resultsOfTurns(figures: TurnFigures): Result[] {
  const others = figures.contenders.flatMap((_, index) => (index === 0 ? [] : [index]));
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  return [
    ...figures.contenders.map((name, index) => ofLatency(figures, name, index)),
    ...others.flatMap((index) => [0.5, 0.99].map((share) => ofRatio(figures, index, share, index === 1))),
    ofAboveProviders(figures),
    ofOwnShare(figures),
    ofCalls(figures, 'greeting, from the caller in the room', ms)('greetingMs'),
    ofCalls(figures, 'memory of a call (PSS)', megabytes, MAX_MEMORY_RATIO)('jobBytes'),
    ofCalls(figures, 'memory of an idle process (PSS)', megabytes)('idleJobBytes'),
    ofCalls(figures, 'memory of the worker (PSS)', megabytes)('workerBytes'),
    ofCalls(figures, 'memory of the turn model (PSS)', megabytes)('inferenceBytes'),
    ofCalls(figures, 'CPU per minute of a call', seconds)('cpuSecondsPerMinute'),
  ];
}
