import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';

export type PeriodicJob = {
  /** Shared by all replicas: the one that claims it runs it. */
  name: string;
  everySeconds: number;
  run(): Promise<void>;
  /** Called when another replica has it this time. */
  leftToAnother?(): void;
};

export type RunningJobs = {
  /** Names of the jobs that have not come round for three periods. */
  late(): string[];
  /** Starts no more runs, and waits for those under way. */
  stop(): Promise<void>;
};

/** A claim for the whole period would miss every second round, as two ticks are never exactly a period apart. */
const CLAIMED_SHARE = 0.9;
const LATE_AFTER_PERIODS = 3;
const LATE_GRACE_MS = 30_000;

/**
 * One round of a job: claims it, and runs it if this replica got it. Never throws: the next round may do.
 * @returns whether the round came to an end without an error
 */
export async function runJob(deps: Dependencies, job: PeriodicJob): Promise<boolean> {
  try {
    const claim = { p_name: job.name, p_every_seconds: job.everySeconds * CLAIMED_SHARE };
    const claimed = await callFunction(deps.database, 'claim_timer', claim, z.boolean());
    if (claimed) await job.run();
    else job.leftToAnother?.();
    deps.metrics.jobRuns.inc({ job: job.name, outcome: claimed ? 'done' : 'left_to_another' });
    return true;
  } catch (error) {
    deps.metrics.jobRuns.inc({ job: job.name, outcome: 'failed' });
    const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
    deps.logger.error({ job: job.name, cause }, 'a periodic job failed; its next round comes');
    return false;
  }
}

/** Runs jobs until stopped, each at once and then `everySeconds` after its last round ended. */
export function startJobs(deps: Dependencies, jobs: readonly PeriodicJob[]): RunningJobs {
  const stopping = new AbortController();
  const lastEndMs = new Map(jobs.map((job) => [job.name, performance.now()]));

  async function loop(job: PeriodicJob): Promise<void> {
    while (!stopping.signal.aborted) {
      await runJob(deps, job);
      lastEndMs.set(job.name, performance.now());
      await pause(job.everySeconds * 1000, stopping.signal);
    }
  }
  const loops = jobs.map(loop);

  return {
    late() {
      const now = performance.now();
      return jobs
        .filter(({ name, everySeconds }) => {
          const allowedMs = everySeconds * 1000 * LATE_AFTER_PERIODS + LATE_GRACE_MS;
          return now - (lastEndMs.get(name) ?? 0) > allowedMs;
        })
        .map(({ name }) => name);
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
