import { setTimeout as sleep } from 'node:timers/promises';
import { type FileLock, takeRunLock } from './lock-file.ts';
import { type RunState, readLiveState } from './state-file.ts';

const LOOK_EVERY_MS = 200;

/**
 * The right to run, or the run that is already there. Two starts at the same moment: one gets the lock, the
 * other waits here until the first is up (or has given up, and then takes its place).
 */
export async function acquireOrJoin(
  home: string,
  onWait: () => void,
): Promise<{ lock: FileLock } | { state: RunState }> {
  for (let hasSaid = false; ; ) {
    const lock = takeRunLock(home);
    if (lock) return { lock };
    const state = readLiveState(home);
    if (state?.phase === 'running') return { state };
    if (!hasSaid) onWait();
    hasSaid = true;
    await sleep(LOOK_EVERY_MS);
  }
}
