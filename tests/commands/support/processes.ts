import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** Ids of the processes that fake services of this data folder have left, whoever their parent is now. */
export function processesOf(home: string): number[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-axwwEo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
    return lines
      .filter((line) => line.includes(`FAKE_HOME=${home}`))
      .map((line) => Number.parseInt(line, 10));
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(pid).split('\0').includes(`FAKE_HOME=${home}`)).map(Number);
}
