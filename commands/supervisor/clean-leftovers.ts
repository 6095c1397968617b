import { endProcess } from './end-process.ts';
import { isAlive } from './process-identity.ts';
import { readState, removeState } from './state-file.ts';

const GRACE_MS = 8000;

/**
 * Ends what a run has left whose supervisor was killed. Only the holder of the run lock may call it.
 * @returns how many processes were still there
 */
export async function cleanLeftovers(home: string): Promise<number> {
  const state = readState(home);
  if (state === undefined) return 0;
  const processes = state.services.map(({ process }) => process);
  const alive = processes.filter(isAlive).length;
  await Promise.all(processes.map((identity) => endProcess(identity, GRACE_MS)));
  removeState(home);
  return alive;
}
