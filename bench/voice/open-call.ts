import { type Dialled, dial } from './callers/dial.ts';
import { hearGreeting } from './callers/take-turn.ts';
import { type Contender, jobsOf } from './contenders.ts';
import { processTree, pssBytes, type Role } from './processes/process-tree.ts';
import type { VoiceStack } from './stack.ts';

export type OpenCall = {
  contender: Contender;
  caller: Dialled;
  greetingMs: number;
  /** CPU seconds of each process for calls, when the call had begun. */
  cpuBefore: Map<number, number>;
};

/** Lets a new person call, and waits for the greeting. */
export async function openCall(stack: VoiceStack, contender: Contender): Promise<OpenCall> {
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

/** The process that holds the call: of those that were there before, the one that has worked. */
export function jobOf({ contender, cpuBefore }: OpenCall): number {
  const worked = jobsOf(contender.workers).map(({ pid, cpuSeconds }) => {
    const before = cpuBefore.get(pid);
    return { pid, seconds: before === undefined ? Number.NEGATIVE_INFINITY : cpuSeconds - before };
  });
  return worked.toSorted((a, b) => b.seconds - a.seconds)[0]?.pid ?? 0;
}

/** Proportional set size in bytes of the processes of a kind, on average. */
export function meanPss(contender: Contender, role: Role, except?: number): number {
  const pids = contender.workers.flatMap(({ process }) => processTree(process.pid));
  const sizes = pids.filter((one) => one.role === role && one.pid !== except).map(({ pid }) => pssBytes(pid));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
