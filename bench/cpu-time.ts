import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const SECONDS_PER_TICK = 0.01;

type Stat = { parent: number; own: number; endedChildren: number };

/** See proc(5), /proc/pid/stat; the name in brackets may hold spaces. */
function statOf(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (index: number) => Number(fields[index]);
    return {
      parent: field(1),
      own: (field(11) + field(12)) * SECONDS_PER_TICK,
      endedChildren: (field(13) + field(14)) * SECONDS_PER_TICK,
    };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** CPU seconds of a server so far: its process, its live children, and those that ended. NaN where not known. */
export function serverCpuSeconds(pid: number): number {
  const root = statOf(String(pid));
  if (root === undefined) return Number.NaN;
  let total = root.own + root.endedChildren;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = statOf(name);
    if (stat?.parent === pid) total += stat.own;
  }
  return total;
}

/** CPU seconds of this process and of the children that it has waited for. */
export function clientCpuSeconds(): number {
  const stat = statOf('self');
  return stat === undefined ? Number.NaN : stat.own + stat.endedChildren;
}
