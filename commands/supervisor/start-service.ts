import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../basics/project.ts';
import { lastLines, readFrom, rotateLog } from './log-file.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import type { Service } from './service.ts';

const END_WITH_PARENT = fileURLToPath(new URL('./end-with-parent.ts', import.meta.url));
const CHECK_EVERY_MS = 50;

export type StartedService = {
  identity: ProcessIdentity;
  /** How it ended, in words such as "status 1" or "signal SIGKILL". */
  exited: Promise<string>;
  /** @throws ServiceFailed when it ends, or is not ready in time */
  ready(signal: AbortSignal): Promise<void>;
};

/** A service that could not be brought up. */
export class ServiceFailed extends Error {
  /** The last lines that it wrote. */
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[]) {
    super(message);
    this.name = 'ServiceFailed';
    this.lines = lines;
  }
}

function hasReadyLine(text: string): boolean {
  return text.split('\n').some((line) => {
    if (!line.startsWith('{') || !line.includes('"ready"')) return false;
    try {
      return (JSON.parse(line) as { ready?: unknown }).ready === true;
    } catch {
      // Half a line: the rest comes with the next look.
      return false;
    }
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function isReady(service: Service, log: string | null, offset: number): Promise<boolean> {
  if ('http' in service.readiness) return answers(service.readiness.http);
  return log !== null && hasReadyLine(readFrom(log, offset).toString('utf8'));
}

function spawnService(service: Service, log: string | null): ChildProcess {
  const descriptor = log === null ? null : openSync(log, 'a', 0o600);
  const output = descriptor ?? 'inherit';
  const args = ['--disable-warning=ExperimentalWarning', '--import', END_WITH_PARENT, ...service.args];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...service.env, MINDBOT_SUPERVISOR_PID: String(process.pid) },
    stdio: ['ignore', output, output],
    // Its own process group: Ctrl-C then reaches only the supervisor, which stops services in order.
    detached: true,
  });
  if (descriptor !== null) closeSync(descriptor);
  return child;
}

/**
 * Starts a service without waiting for it.
 * @param log the file that takes its output, or null to pass it through to ours
 * @throws ServiceFailed when the system cannot make the process
 */
export function startService(service: Service, log: string | null): StartedService {
  if (log !== null) rotateLog(log);
  const offset = log !== null && existsSync(log) ? statSync(log).size : 0;
  const child = spawnService(service, log);
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal === null ? `status ${code}` : `signal ${signal}`;
      resolve(ended);
    });
    child.once('error', (error) => {
      ended = error.message;
      resolve(ended);
    });
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const fail = (what: string) =>
    new ServiceFailed(`${service.label} ${what}.`, log === null ? [] : lastLines(log, 15, offset));
  if (identity === undefined) throw fail('could not be started');
  return {
    identity,
    exited,
    async ready(signal) {
      const deadline = performance.now() + service.readyWithinMs;
      while (!(await isReady(service, log, offset))) {
        if (ended !== undefined) throw fail(`ended with ${ended} before it was ready`);
        if (performance.now() > deadline) {
          throw fail(`was not ready within ${Math.round(service.readyWithinMs / 1000)} s`);
        }
        await sleep(CHECK_EVERY_MS, undefined, { signal });
      }
    },
  };
}
