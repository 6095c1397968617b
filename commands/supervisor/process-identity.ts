import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same id. */
export type ProcessIdentity = { pid: number; startTime: string };

function startTimeOnLinux(pid: number): string | undefined {
  try {
    // The command's name may hold spaces and brackets; everything after the last bracket is plain (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
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
  return process.platform === 'linux' ? startTimeOnLinux(pid) : startTimeFromPs(pid);
}

/** @returns undefined when the process has ended already */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}
