import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../local/free-port.ts';
import type { livekitVariables } from '../support/media-server.ts';
import { patience } from '../support/patience.ts';
import { speechVariables } from '../support/speech-variables.ts';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

type WorkerHealth = { status: string; active_calls: number };
type Process = { pid: number; parent: number; command: string };

function processes(): Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

function childrenOf(pid: number): Process[] {
  return processes().filter(({ parent }) => parent === pid);
}

/** Waits until something is so, for as long as a test may take. */
export async function until<Result>(
  what: string,
  look: () => Promise<Result | undefined | false> | Result | undefined | false,
  deadlineMs = patience(30_000),
): Promise<Result> {
  for (const endMs = performance.now() + deadlineMs; performance.now() < endMs; ) {
    const result = await look();
    if (result !== undefined && result !== false) return result;
    await sleep(100);
  }
  throw new Error(`Waited in vain: ${what}`);
}

/** What a worker needs to know of the servers beside it. */
export function workerVariables(
  livekit: ReturnType<typeof livekitVariables>,
  database: { gateway: { url: string } },
  speech: { url: string },
): Record<string, string> {
  return {
    ENVIRONMENT: 'test',
    NODE_ENV: 'production',
    ...livekit,
    ...speechVariables(database, speech),
  };
}

/** The agent worker as its own process, as in production. */
export async function startWorker(variables: Readonly<Record<string, string>>) {
  const [healthPort, metricsPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LOG_LEVEL: 'warn',
      HEALTH_CHECK_PORT: String(healthPort),
      PROMETHEUS_PORT: String(metricsPort),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += chunk;
  });
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const pid = child.pid ?? 0;
  return {
    exited,
    log: () => log,
    async health(): Promise<{ status: number; body: WorkerHealth } | undefined> {
      const answer = await fetch(`http://127.0.0.1:${healthPort}/health`).catch(() => undefined);
      return answer && { status: answer.status, body: (await answer.json()) as WorkerHealth };
    },
    async metrics(): Promise<string> {
      return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    },
    terminate: () => child.kill('SIGTERM'),
    /** The process that holds a call, if there is one: those that wait for one are told apart by their titles only. */
    jobOf: (callId: string): number | undefined =>
      childrenOf(pid).find(({ command }) => command.includes(callId))?.pid,
    /** Ends the worker and whatever it has started, without ceremony. */
    async kill(): Promise<void> {
      const family = [pid, ...childrenOf(pid).map(({ pid: one }) => one)];
      for (const one of family) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // It has gone by itself.
        }
      }
      await exited;
    },
  };
}
