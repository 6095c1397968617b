import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, isGroupAlive, type ProcessIdentity } from './process-identity.ts';

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
