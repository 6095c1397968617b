import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseOptions } from './basics/parse-options.ts';
import { findProject } from './basics/project.ts';
import { cleanLeftovers } from './supervisor/end-process.ts';
import { takeRunLock } from './supervisor/lock-file.ts';
import { isAlive } from './supervisor/process-identity.ts';
import { type RunState, readLiveState } from './supervisor/state-file.ts';

const DEVELOPMENT_LIMIT_MS = 40_000;
const STATE_WITHIN_MS = 5000;

/** A run that holds the lock writes its state in its first moments. */
async function findRun(home: string): Promise<RunState | 'none' | 'unknown'> {
  const deadline = performance.now() + STATE_WITHIN_MS;
  while (performance.now() < deadline) {
    const state = readLiveState(home);
    if (state) return state;
    const lock = takeRunLock(home);
    if (lock) {
      const left = await cleanLeftovers(home);
      lock.release();
      if (left > 0) console.log(`An interrupted run had left ${left} running: stopped.`);
      return 'none';
    }
    await sleep(100);
  }
  return 'unknown';
}

async function stop(): Promise<number> {
  const { home } = findProject(process.env);
  const run = existsSync(home) ? await findRun(home) : 'none';
  if (run === 'none') {
    console.log('MindBot is not running.');
    return 0;
  }
  if (run === 'unknown') {
    console.error('MindBot runs, but says nothing about itself: try again in a moment.');
    return 1;
  }
  console.log('Stopping ...');
  process.kill(run.supervisor.pid, 'SIGTERM');
  // In production a call may go on to its end: whoever is impatient can send a second signal.
  const limit = run.mode === 'development' ? DEVELOPMENT_LIMIT_MS : Number.POSITIVE_INFINITY;
  const deadline = performance.now() + limit;
  while (isAlive(run.supervisor) && performance.now() < deadline) await sleep(50);
  if (isAlive(run.supervisor)) {
    process.kill(run.supervisor.pid, 'SIGKILL');
    await cleanLeftovers(home);
  }
  console.log('Stopped. Nothing is left running.');
  return 0;
}

parseOptions({ options: {} });
try {
  process.exit(await stop());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
