import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, isGroupAlive, type ProcessIdentity } from './process-identity.ts';
import { readState, removeState } from './state-file.ts';

const ORPHANS_GRACE_MS = 3000;

/** @returns false when there is nobody to signal */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended by itself a moment ago, which is what we want.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Ends what a service left behind when it died without cleaning up: a server it had started would keep its port
 * and files. They are asked first, as a database killed outright has to recover.
 */
export async function endOrphans(leader: ProcessIdentity): Promise<void> {
  // Another process under the leader's number means that its group is gone and the number given away.
  if (identify(leader.pid) !== undefined || !signal(-leader.pid, 'SIGTERM')) return;
  const deadline = performance.now() + ORPHANS_GRACE_MS;
  while (isGroupAlive(leader.pid) && performance.now() < deadline) await sleep(30);
  signal(-leader.pid, 'SIGKILL');
}

/**
 * Asks a service to end, and after the grace kills it. What it started never outlives it.
 * @param leader the service's process, which leads its process group
 */
export async function endProcess(leader: ProcessIdentity, graceMs: number): Promise<void> {
  if (isAlive(leader)) {
    signal(leader.pid, 'SIGTERM');
    const deadline = performance.now() + graceMs;
    while (isAlive(leader) && performance.now() < deadline) await sleep(30);
    if (isAlive(leader)) signal(-leader.pid, 'SIGKILL');
    while (isAlive(leader)) await sleep(10);
  }
  await endOrphans(leader);
}

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

/**
 * Ctrl-C, `stop` and a closed terminal ask for an orderly end; a second time they get it at once.
 * @returns aborted at the first of them
 */
export function stopOnSignals(home: string, onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (!controller.signal.aborted) {
      onFirst();
      controller.abort();
      return;
    }
    const services = readState(home)?.services ?? [];
    void Promise.all(services.map(({ process }) => endProcess(process, 0))).then(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}
