import type { Worker } from '../contenders.ts';
import { openFiles, processTree, pssBytes } from '../processes/process-tree.ts';
import type { Sample } from './soak-figures.ts';

/** What Node counts as active in a worker, from its own metrics. */
async function handlesOf({ metricsUrl }: Worker): Promise<number> {
  if (metricsUrl === undefined) return Number.NaN;
  const metrics = await (await fetch(metricsUrl)).text();
  return Number(/^nodejs_active_resources_total (\d+)/m.exec(metrics)?.[1]);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Adds up what all workers hold now. */
export async function takeSample(workers: readonly Worker[], calls: number): Promise<Sample> {
  const all = workers.flatMap(({ process }) => processTree(process.pid));
  const bytesOf = (role: string) =>
    sum(all.filter((one) => one.role === role).map(({ pid }) => pssBytes(pid)));
  return {
    calls,
    workerBytes: bytesOf('worker'),
    inferenceBytes: bytesOf('inference'),
    openFiles: sum(workers.map(({ process }) => openFiles(process.pid))),
    handles: sum(await Promise.all(workers.map(handlesOf))),
    processes: all.length,
    zombies: all.filter(({ state }) => state === 'Z').length,
  };
}
