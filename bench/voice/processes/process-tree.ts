import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const SECONDS_PER_TICK = 0.01;

export type Role = 'worker' | 'job' | 'inference' | 'other';

export type ProcessFigures = {
  pid: number;
  parent: number;
  role: Role;
  /** As in `ps`: Z is a zombie. */
  state: string;
  /** Since boot, in ticks. */
  startedAt: number;
  /** User and system time, with that of its children that have ended. */
  cpuSeconds: number;
};

function roleOf(pid: number, root: number): Role {
  if (pid === root) return 'worker';
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (command.includes('job_proc')) return 'job';
    return command.includes('inference_proc') ? 'inference' : 'other';
  } catch {
    return 'other';
  }
}

/** See proc(5), /proc/pid/stat; the name in brackets may hold spaces. */
function readStat(pid: number, root: number): ProcessFigures | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (index: number) => Number(fields[index]);
    return {
      pid,
      parent: field(1),
      role: roleOf(pid, root),
      state: fields[0] ?? '?',
      startedAt: field(19),
      cpuSeconds: (field(11) + field(12) + field(13) + field(14)) * SECONDS_PER_TICK,
    };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** A process and all that descend from it, the oldest first. Empty when there is no such process. Linux only. */
export function processTree(root: number): ProcessFigures[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name), root) ?? []);
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid)).toSorted((a, b) => a.startedAt - b.startedAt);
}

/** CPU seconds so far of several processes, with those that they have started. */
export function cpuSecondsOf(roots: readonly number[]): number {
  const trees = roots.flatMap((root) => processTree(root));
  return trees.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Proportional set size in bytes: pages shared by several processes are divided among them. NaN when it has ended. */
export function pssBytes(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

function isOfOtherProcess(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('/proc/');
  } catch {
    // Closed meanwhile.
    return false;
  }
}

/**
 * How many files, sockets and pipes a process holds. NaN when it has ended. Not those by which the framework watches
 * the memory of its jobs: `pidusage` keeps each for a minute after the job has ended.
 */
export function openFiles(pid: number): number {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).filter((name) => !isOfOtherProcess(`${folder}/${name}`)).length;
  } catch {
    return Number.NaN;
  }
}
