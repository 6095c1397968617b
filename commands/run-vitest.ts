import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from './basics/project.ts';
import { note } from './basics/reporter.ts';

const END_WITH_PARENT = fileURLToPath(new URL('./supervisor/end-with-parent.ts', import.meta.url));
const STOPS_WITHIN_MS = 15_000;
/** To stop what the whole run used, after the last test. */
const CLOSES_WITHIN_MS = 60_000;

/** @returns false when nobody is left in the process group */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
}

async function ended(exit: Promise<unknown>, withinMs: number): Promise<boolean> {
  const limit = new AbortController();
  const over = sleep(withinMs, false, { signal: limit.signal }).catch(() => false);
  const first = await Promise.race([exit.then(() => true), over]);
  limit.abort();
  return first;
}

/**
 * Runs vitest in a process group of its own, and ends whatever is left of that group with it: a run that is
 * interrupted, or hangs after its last test, leaves no database and no server behind.
 * @param countsFile written by the reporter after the last test
 * @returns vitest's exit code; 1 when it was killed
 */
export async function runVitest(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  countsFile: string,
  interrupted: AbortSignal,
): Promise<number> {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporter = `--reporter=${join(ROOT, 'commands', 'test-reporter.ts')}`;
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, vitest, 'run', reporter, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, MINDBOT_SUPERVISOR_PID: String(process.pid) },
    detached: true,
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
  const { pid } = child;
  if (pid === undefined) return exit;
  interrupted.addEventListener('abort', async () => {
    child.kill('SIGTERM');
    if (!(await ended(exit, STOPS_WITHIN_MS))) killGroup(pid);
  });
  while (!(await ended(exit, 1000))) {
    if (!existsSync(countsFile) || (await ended(exit, CLOSES_WITHIN_MS))) continue;
    console.log(note('After its last test the run did not end: it is ended by force.'));
    killGroup(pid);
  }
  killGroup(pid);
  return exit;
}
