import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same id. */
export type ProcessIdentity = { pid: number; startTime: string };

/** The fields of /proc/<pid>/stat from the third on (proc(5)): state, parent, group, ...; undefined when it is gone. */
function statOnLinux(pid: number | string): string[] | undefined {
  try {
    // The command's name may hold spaces and brackets; everything after the last bracket is plain.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields;
  } catch {
    return undefined;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}

/** When a process began, in the system's own words, or undefined when it is gone. */
function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? statOnLinux(pid)?.[19] : startTimeFromPs(pid);
}

/** @returns undefined when the process has ended already */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/**
 * Whether a process group has a living member. Dead ones count as members for as long as nobody collects them,
 * which in a container without an init process is for ever.
 */
export function isGroupAlive(groupId: number): boolean {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.some((pid) => statOnLinux(pid)?.[2] === String(groupId));
  }
  try {
    return process.kill(-groupId, 0);
  } catch {
    return false;
  }
}
