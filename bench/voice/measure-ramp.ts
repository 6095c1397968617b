import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../results.ts';
import { type Dialled, dial } from './callers/dial.ts';
import { ANSWER_WITHIN_MS, hearGreeting, takeTurn } from './callers/take-turn.ts';
import { type Contender, rootsOf, untilIdle } from './contenders.ts';
import { cpuSecondsOf, processTree, pssBytes } from './processes/process-tree.ts';
import type { VoiceStack } from './stack.ts';

/** So many calls at once, on one contender. */
export type Step = {
  contender: string;
  calls: number;
  latencyMs: number[];
  unanswered: number;
  /** An unanswered turn counts as one that took as long as was waited for it. */
  p95Ms: number;
  /** Cores that the contender used on average. */
  cores: number;
  /** Proportional set size of all its processes. */
  bytes: number;
  /** Cores that the rest used, which is not charged to the contender. */
  othersCores: Record<string, number>;
};

/** So that not all callers ask at the same moment. */
const SPREAD_MS = 4000;

/** CPU seconds so far: of the contender, and of everything else by name. */
function lookAtCpu(stack: VoiceStack, contender: Contender): Record<string, number> {
  const own = process.cpuUsage();
  return {
    agent: cpuSecondsOf(rootsOf(contender)),
    callers: (own.user + own.system) / 1e6,
    ...Object.fromEntries(
      Object.entries(stack.processes).map(([name, { pid }]) => [name, cpuSecondsOf([pid])]),
    ),
  };
}

async function talk(caller: Dialled, waitMs: number, turns: number, questions: Int16Array[]) {
  await sleep(waitMs);
  const latencies: (number | undefined)[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const { latencyMs } = await takeTurn(caller, questions[turn % questions.length] ?? new Int16Array());
    latencies.push(latencyMs);
  }
  return latencies;
}

/** Callers come one after the other, then all talk at once, and leave together. */
async function holdStep(
  stack: VoiceStack,
  contender: Contender,
  calls: number,
  turns: number,
  questions: Int16Array[],
): Promise<Step> {
  const callers: Dialled[] = [];
  for (const userId of await stack.addPeople(calls)) {
    const caller = await dial(stack, contender, userId);
    await hearGreeting(caller);
    callers.push(caller);
  }
  const startedAtMs = performance.now();
  const before = lookAtCpu(stack, contender);
  const taken = await Promise.all(
    callers.map((caller, index) => talk(caller, (index * SPREAD_MS) / calls, turns, questions)),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  const after = lookAtCpu(stack, contender);
  const { agent = Number.NaN, ...othersCores } = Object.fromEntries(
    Object.entries(after).map(([name, cpu]) => [name, (cpu - (before[name] ?? 0)) / seconds]),
  );
  const processes = rootsOf(contender).flatMap((root) => processTree(root));
  const bytes = processes.map(({ pid }) => pssBytes(pid)).reduce((sum, one) => sum + (one || 0), 0);
  await Promise.all(callers.map((caller) => caller.hangUp()));
  await untilIdle(contender);
  const all = taken.flat();
  const p95Ms = percentile(
    all.map((one) => one ?? ANSWER_WITHIN_MS),
    0.95,
  );
  const latencyMs = all.filter((one) => one !== undefined);
  const unanswered = all.length - latencyMs.length;
  return { contender: contender.name, calls, latencyMs, unanswered, p95Ms, cores: agent, bytes, othersCores };
}

/** How much later than the bare agent alone answers a call may be answered, before a machine counts as full. */
const LIMIT_RATIO = 1.25;

export type Ramp = { limitMs: number; steps: Step[] };

/** More and more calls at once on each, by turns, until p95 is above the limit. */
export async function measureRamp(
  stack: VoiceStack,
  [ours, bare]: readonly [Contender, Contender],
  questions: Int16Array[],
  options: { calls: number[]; turns: number },
  progress: (text: string) => void,
): Promise<Ramp> {
  const steps: Step[] = [];
  let limitMs = Number.POSITIVE_INFINITY;
  const full = new Set<Contender>();
  for (const [index, calls] of options.calls.entries()) {
    for (const contender of index % 2 === 0 ? [bare, ours] : [ours, bare]) {
      if (full.has(contender)) continue;
      const step = await holdStep(stack, contender, calls, options.turns, questions);
      steps.push(step);
      if (limitMs === Number.POSITIVE_INFINITY) limitMs = step.p95Ms * LIMIT_RATIO;
      if (step.p95Ms > limitMs) full.add(contender);
      const others = Object.entries(step.othersCores).map(([name, cores]) => `${name} ${cores.toFixed(2)}`);
      progress(
        `${contender.name}, ${calls} at once: p95 ${step.p95Ms.toFixed(0)} ms, ${step.unanswered} unanswered, ` +
          `${step.cores.toFixed(2)} cores (besides: ${others.join(', ')})`,
      );
    }
  }
  return { limitMs, steps };
}
