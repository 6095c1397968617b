import { type Dialled, dial } from './callers/dial.ts';
import { hearGreeting, takeTurn } from './callers/take-turn.ts';
import { type Contender, jobsOf, rootsOf, untilIdle } from './contenders.ts';
import { cpuSecondsOf, processTree, pssBytes, type Role } from './processes/process-tree.ts';
import type { Stamp } from './providers/delays.ts';
import type { VoiceStack } from './stack.ts';

/** One turn of each contender, taken one after the other; undefined where there was no answer. */
export type Round = { latencyMs: (number | undefined)[]; stages: Partial<Record<Stamp['what'], number>>[] };

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

export type TurnFigures = { contenders: string[]; rounds: Round[]; calls: CallFigures[][] };

/** When each thing first happened at the providers, from the end of the question on. */
function stagesOf(stamps: readonly Stamp[], key: string, askedAtMs: number, endedAtMs: number) {
  const stages: Round['stages'][number] = {};
  for (const { what, atMs } of stamps.filter((stamp) => stamp.key === key && stamp.atMs > askedAtMs)) {
    stages[what] ??= atMs - endedAtMs;
  }
  return stages;
}

function meanPss(contender: Contender, role: Role, except?: number): number {
  const pids = contender.workers.flatMap(({ process }) => processTree(process.pid));
  const sizes = pids.filter((one) => one.role === role && one.pid !== except).map(({ pid }) => pssBytes(pid));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

type OpenCall = {
  contender: Contender;
  caller: Dialled;
  greetingMs: number;
  /** CPU seconds of each process for calls, when the call had begun. */
  cpuBefore: Map<number, number>;
};

async function openCall(stack: VoiceStack, contender: Contender): Promise<OpenCall> {
  const [userId = ''] = await stack.addPeople(1);
  const caller = await dial(stack, contender, userId);
  const greetingMs = await hearGreeting(caller).catch((error: Error) => {
    const logs = contender.workers.map(({ process }) => process.log().slice(-2000));
    throw new Error(`${contender.name}: ${error.message}\n${logs.join('\n')}`);
  });
  const jobs = jobsOf(contender.workers);
  return {
    contender,
    caller,
    greetingMs,
    cpuBefore: new Map(jobs.map(({ pid, cpuSeconds }) => [pid, cpuSeconds])),
  };
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

/** The process that holds the call: of those that were there before, the one that has worked. */
function jobOf({ contender, cpuBefore }: OpenCall): number {
  const worked = jobsOf(contender.workers).map(({ pid, cpuSeconds }) => {
    const before = cpuBefore.get(pid);
    return { pid, seconds: before === undefined ? Number.NEGATIVE_INFINITY : cpuSeconds - before };
  });
  return worked.toSorted((a, b) => b.seconds - a.seconds)[0]?.pid ?? 0;
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
  const figures: TurnFigures = { contenders: contenders.map(({ name }) => name), rounds: [], calls: [] };
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
