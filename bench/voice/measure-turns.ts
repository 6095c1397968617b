import { takeTurn } from './callers/take-turn.ts';
import { type Contender, rootsOf, untilIdle } from './contenders.ts';
import { measureRoom } from './measure-room.ts';
import { jobOf, meanPss, type OpenCall, openCall } from './open-call.ts';
import { cpuSecondsOf, pssBytes } from './processes/process-tree.ts';
import type { Stamp } from './providers/delays.ts';
import type { VoiceStack } from './stack.ts';

/** One turn of each contender, taken one after the other; undefined where there was no answer. */
type Round = { latencyMs: (number | undefined)[]; stages: Partial<Record<Stamp['what'], number>>[] };

export type CallFigures = {
  greetingMs: number;
  /** Proportional set size in bytes, at the end of the call. */
  jobBytes: number;
  idleJobBytes: number;
  workerBytes: number;
  inferenceBytes: number;
  /** User and system, of the worker and all its processes. */
  cpuSecondsPerMinute: number;
};

export type TurnFigures = {
  contenders: string[];
  rounds: Round[];
  calls: CallFigures[][];
  /** One way through the room alone. */
  roomMs: number;
};

/** When each thing first happened at the providers, from the end of the question on. */
function stagesOf(stamps: readonly Stamp[], key: string, askedAtMs: number, endedAtMs: number) {
  const stages: Round['stages'][number] = {};
  for (const { what, atMs } of stamps.filter((stamp) => stamp.key === key && stamp.atMs > askedAtMs)) {
    stages[what] ??= atMs - endedAtMs;
  }
  return stages;
}

async function takeRound(
  stack: VoiceStack,
  calls: OpenCall[],
  first: number,
  question: Int16Array,
): Promise<Round> {
  const round: Round = { latencyMs: [], stages: [] };
  for (let turn = 0; turn < calls.length; turn++) {
    const index = (first + turn) % calls.length;
    const call = calls[index];
    if (!call) continue;
    const { askedAtMs, endedAtMs, latencyMs } = await takeTurn(call.caller, question);
    round.latencyMs[index] = latencyMs;
    round.stages[index] = stagesOf(await stack.takeStamps(), call.contender.key, askedAtMs, endedAtMs);
  }
  return round;
}

/** One call of each at the same time, taking turns. */
async function holdCalls(
  stack: VoiceStack,
  contenders: Contender[],
  turns: number,
  questions: Int16Array[],
  told: (round: Round) => void,
): Promise<{ rounds: Round[]; figures: CallFigures[] }> {
  const calls: OpenCall[] = [];
  for (const contender of contenders) calls.push(await openCall(stack, contender));
  const startedAtMs = performance.now();
  const cpuBefore = contenders.map((one) => cpuSecondsOf(rootsOf(one)));
  const rounds: Round[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const question = questions[turn % questions.length] ?? new Int16Array();
    const round = await takeRound(stack, calls, turn, question);
    rounds.push(round);
    told(round);
  }
  const minutes = (performance.now() - startedAtMs) / 60_000;
  const figures = calls.map((call, index) => {
    const { contender, greetingMs } = call;
    const cpuSeconds = cpuSecondsOf(rootsOf(contender)) - (cpuBefore[index] ?? Number.NaN);
    const job = jobOf(call);
    return {
      greetingMs,
      jobBytes: pssBytes(job),
      idleJobBytes: meanPss(contender, 'job', job),
      workerBytes: meanPss(contender, 'worker'),
      inferenceBytes: meanPss(contender, 'inference'),
      cpuSecondsPerMinute: cpuSeconds / minutes,
    };
  });
  await Promise.all(calls.map(({ caller }) => caller.hangUp()));
  await Promise.all(contenders.map(untilIdle));
  return { rounds, figures };
}

/** The same questions to each contender in turn, over several calls: who goes first changes from round to round. */
export async function measureTurns(
  stack: VoiceStack,
  contenders: Contender[],
  questions: Int16Array[],
  options: { turns: number; calls: number },
  progress: (text: string) => void,
): Promise<TurnFigures> {
  const roomMs = await measureRoom(stack, questions[0] ?? new Int16Array());
  const names = contenders.map(({ name }) => name);
  const figures: TurnFigures = { contenders: names, rounds: [], calls: [], roomMs };
  const each = Math.ceil(options.turns / options.calls);
  for (let call = 1; call <= options.calls; call++) {
    const held = await holdCalls(stack, contenders, each, questions, ({ latencyMs }) => {
      const ms = latencyMs.map((one) => one?.toFixed(0) ?? 'none').join(', ');
      progress(`call ${call} of ${options.calls}: ${ms} ms`);
    });
    figures.rounds.push(...held.rounds);
    figures.calls.push(held.figures);
  }
  return figures;
}
