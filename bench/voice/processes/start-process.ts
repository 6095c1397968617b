import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const END_WITH_PARENT = fileURLToPath(
  new URL('../../../commands/supervisor/end-with-parent.ts', import.meta.url),
);
const GRACE_MS = 8000;
const LOG_KEPT = 20_000;

export type BenchProcess = {
  name: string;
  pid: number;
  /** What it wrote, the end of it. */
  log(): string;
  /** Settles with its exit status, or the signal. */
  exited: Promise<string>;
  /** The line of JSON by which it says that it is ready. */
  ready(withinMs?: number): Promise<Record<string, unknown>>;
  /** Asks it to end, without waiting. */
  terminate(): void;
  /** Ends it with everything that it has started. */
  end(): Promise<void>;
};

const running = new Set<number>();

/** @returns false when nobody is left in the group */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

// Whatever ends the bench, short of kill -9: then each process finds out by itself.
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
});

/** Asks the leader, who ends in order what it has started; after the grace whatever is left is killed. */
async function endGroup(pid: number, terminate: () => void): Promise<void> {
  terminate();
  for (const untilMs = performance.now() + GRACE_MS; performance.now() < untilMs; await sleep(50)) {
    if (!signalGroup(pid, 0)) break;
  }
  signalGroup(pid, 'SIGKILL');
  running.delete(pid);
}

function readyLine(log: string): Record<string, unknown> | undefined {
  const line = log.split('\n').find((one) => one.startsWith('{"ready"') && one.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}

function collect(child: ChildProcess): () => string {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_KEPT);
    });
  }
  return () => log;
}

/**
 * Starts a script of the project as a process that leads a group of its own, and that ends when the bench ends,
 * however that ends.
 * @param env all of its environment besides PATH, HOME and LANG
 */
export function startProcess(name: string, script: string, env: Record<string, string>): BenchProcess {
  const { PATH, HOME, LANG } = process.env;
  const args = ['--disable-warning=ExperimentalWarning', '--import', END_WITH_PARENT, script];
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, LANG, NODE_ENV: 'production', MINDBOT_SUPERVISOR_PID: String(process.pid), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${name} could not be started.`);
  running.add(pid);
  const log = collect(child);
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal ?? String(code);
      resolve(ended);
    });
  });
  const terminate = () => void child.kill('SIGTERM');
  return {
    name,
    pid,
    log,
    exited,
    async ready(withinMs = 30_000) {
      for (const untilMs = performance.now() + withinMs; performance.now() < untilMs; await sleep(50)) {
        const line = readyLine(log());
        if (line !== undefined) return line;
        if (ended !== undefined) break;
      }
      throw new Error(`${name} did not start (${ended ?? 'too slow'}):\n${log().slice(-2000)}`);
    },
    terminate,
    end: () => endGroup(pid, terminate),
  };
}
