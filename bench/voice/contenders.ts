import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../local/free-port.ts';
import { AGENT_NAME } from '../../shared/api/calls.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { describeAssistant } from './bare/describe-assistant.ts';
import { cpuSecondsOf, type ProcessFigures, processTree } from './processes/process-tree.ts';
import { type BenchProcess, startProcess } from './processes/start-process.ts';
import { type VoiceStack, workerVariables } from './stack.ts';

export type ContenderName = 'ours' | 'bare' | 'bare with our speech';

/** An agent with its workers, ready for calls. */
export type Contender = {
  name: ContenderName;
  agentName: string;
  /** By which the providers tell its calls. */
  key: string;
  workers: Worker[];
  /** How many processes wait for a call when there is none. */
  idleJobs: number;
  end(): Promise<void>;
};

export type Worker = { process: BenchProcess; healthUrl: string; metricsUrl: string | undefined };

const READY_WITHIN_MS = 40_000;
/** A worker that counts its calls says at seven that it is full, a moment late. */
const CALLS_PER_WORKER = 6;
/** CPU seconds in a second, below which nothing is being started any more. */
const IDLE_CPU_SECONDS = 0.1;
const JOBS_END_WITHIN_MS = 60_000;

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const BARE_JOBS = { bare: './job.ts', 'bare with our speech': './job-with-our-speech.ts' } as const;

/** The agent's name and the worker's script; what tells one contender from another. */
function kindOf(
  name: ContenderName,
  variables: Record<string, string>,
): { agentName: string; main: string; env: Record<string, string> } {
  if (name === 'ours') return { agentName: AGENT_NAME, main: script('../../agent/main.ts'), env: {} };
  const agentName = name.replaceAll(' ', '-');
  const config = loadConfig(callVariables, variables);
  return {
    agentName,
    main: script('./bare/main.ts'),
    env: {
      BARE_AGENT_NAME: agentName,
      BARE_JOB: BARE_JOBS[name],
      BARE_AGENT: JSON.stringify({ ...describeAssistant(), config }),
    },
  };
}

async function untilRegistered({ process, healthUrl }: Worker): Promise<void> {
  let ended: string | undefined;
  void process.exited.then((how) => {
    ended = how;
  });
  for (const untilMs = performance.now() + READY_WITHIN_MS; performance.now() < untilMs; await sleep(100)) {
    if ((await fetch(healthUrl).catch(() => undefined))?.ok) return;
    if (ended !== undefined) break;
  }
  throw new Error(`${process.name} is not ready (${ended ?? 'too slow'}):\n${process.log().slice(-2000)}`);
}

/** Waits until the processes that wait for calls are there, and have loaded what they need. */
async function untilQuiet(workers: readonly Worker[]): Promise<void> {
  const roots = workers.map(({ process }) => process.pid);
  for (let quietSeconds = 0, waited = 0; quietSeconds < 2 && waited < READY_WITHIN_MS / 1000; waited++) {
    const before = cpuSecondsOf(roots);
    await sleep(1000);
    const isQuiet = Math.abs(cpuSecondsOf(roots) - before) < IDLE_CPU_SECONDS * workers.length;
    quietSeconds = isQuiet ? quietSeconds + 1 : 0;
  }
}

/** How many workers hold so many calls at once. */
export const workersFor = (calls: number): number => Math.ceil(calls / CALLS_PER_WORKER);

/** Starts the workers of an agent, each with its idle processes, and waits until they have registered and gone quiet. */
export async function startContender(
  stack: VoiceStack,
  name: ContenderName,
  workers: number,
  variables: Record<string, string> = {},
): Promise<Contender> {
  const key = `key-of-${name}`.replaceAll(' ', '-');
  const common = { ...workerVariables(stack, key), ...variables };
  const { agentName, main, env } = kindOf(name, common);
  const started: Worker[] = [];
  for (let index = 0; index < workers; index++) {
    const [health, metrics] = [await freePort(), await freePort()];
    const ports = { HEALTH_CHECK_PORT: String(health), PROMETHEUS_PORT: String(metrics) };
    started.push({
      process: startProcess(`${name}, worker ${index + 1}`, main, { ...common, ...env, ...ports }),
      healthUrl: `http://127.0.0.1:${health}${name === 'ours' ? '/health' : '/'}`,
      metricsUrl: name === 'ours' ? `http://127.0.0.1:${metrics}/metrics` : undefined,
    });
  }
  const end = async () => {
    await Promise.all(started.map(({ process }) => process.end()));
  };
  try {
    await Promise.all(started.map(untilRegistered));
    await untilQuiet(started);
  } catch (error) {
    await end();
    throw error;
  }
  return { name, agentName, key, workers: started, idleJobs: jobsOf(started).length, end };
}

/** The processes for one call each, those included that wait for one. */
export function jobsOf(workers: readonly Worker[]): ProcessFigures[] {
  return workers.flatMap(({ process }) => processTree(process.pid)).filter(({ role }) => role === 'job');
}

/** Waits until the processes of all calls have ended. @throws when they stay */
export async function untilIdle({ name, workers, idleJobs }: Contender): Promise<void> {
  const isIdle = () => jobsOf(workers).length <= idleJobs;
  for (
    const untilMs = performance.now() + JOBS_END_WITHIN_MS;
    performance.now() < untilMs;
    await sleep(100)
  ) {
    if (!isIdle()) continue;
    // Between the end of one and the start of the next that waits.
    await sleep(500);
    if (isIdle()) return;
  }
  throw new Error(`${name}: processes of calls stay after their callers have left.`);
}

/** Its processes, for figures of all of them. */
export const rootsOf = ({ workers }: Contender): number[] => workers.map(({ process }) => process.pid);
