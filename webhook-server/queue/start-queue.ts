import { type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import type { PeriodicJob } from '../base/job.ts';
import { errorsOf } from '../base/track-errors.ts';
import { doEffect, type Effect } from './do-effect.ts';

const SCHEMA = 'pgboss';
const PERIODIC = 'periodic';
/** How many jobs of a kind one replica does at once: one that hangs holds up a lane, not the others. */
const LANES = 4;
const PERIODIC_LANES = 4;
/**
 * How often a replica asks unasked. Jobs begin when they are heard of (LISTEN/NOTIFY); asking finds what nobody was told
 * of: a repeat that is due, and what a replica that died has left.
 */
const POLL_SECONDS = 60;
const PERIODIC_POLL_SECONDS = 30;
const UNTOLD_POLL_SECONDS = 2;
/** The other lanes are told of jobs, too, and woken by a lane that finds one. */
const SPARE_LANE_POLL_SECONDS = 3600;
const CONNECTIONS = 4;
const IDLE_CONNECTION_MS = 120_000;
const LISTENING_CHECK_MS = 60_000;
const CRON_SECONDS = 45;
const SUPERVISE_SECONDS = 60;
const HOUR_SECONDS = 3600;
/** Without a word from the database for so long, nothing is done here. */
const DEAF_AFTER_MS = 3 * POLL_SECONDS * 1000;
const STOP_MS = 10_000;
/** A job is due by the database's clock. */
const WAKE_MARGIN_MS = 50;

export type QueueOptions = {
  databaseUrl: string;
  effects: readonly Effect[];
  periodic: readonly PeriodicJob[];
};

export type RunningQueue = {
  /** Queues that this replica has not asked for long; empty where all is well. */
  late(): string[];
  /** Starts no more jobs, and waits for those under way. */
  stop(): Promise<void>;
};

/** The library, on a schema that the migrations made: the queue's role could not change it. */
export function createBoss(databaseUrl: string, options: { isWorking: boolean }): PgBoss {
  const { isWorking } = options;
  return new PgBoss({
    connectionString: databaseUrl,
    schema: SCHEMA,
    migrate: false,
    createSchema: false,
    schedule: isWorking,
    supervise: isWorking,
    useListenNotify: isWorking,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    max: CONNECTIONS,
    // Of the pool (node-postgres), to which pg-boss hands on what it does not know.
    ...{ idleTimeoutMillis: IDLE_CONNECTION_MS, keepAlive: true },
    notifyHeartbeatIntervalMs: LISTENING_CHECK_MS,
    cronMonitorIntervalSeconds: CRON_SECONDS,
    cronWorkerIntervalSeconds: CRON_SECONDS,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: HOUR_SECONDS,
    queueCacheIntervalSeconds: HOUR_SECONDS,
    // No job waits for another one.
    flowIntervalSeconds: HOUR_SECONDS,
  });
}

/**
 * Lanes of one queue: each does one job at a time, and is back for the next as soon as that is done.
 * @returns wakes the first lane
 */
async function openLanes(
  boss: PgBoss,
  lanes: { queue: string; count: number; pollSeconds: number },
  perform: (job: JobWithMetadata<object>) => Promise<JobResult>,
): Promise<() => void> {
  const ids: string[] = [];
  const wake = (lane: number) => boss.notifyWorker(ids[lane % lanes.count] ?? '');
  for (let lane = 0; lane < lanes.count; lane++) {
    const pollSeconds = lane === 0 ? lanes.pollSeconds : SPARE_LANE_POLL_SECONDS;
    const options = {
      batchSize: 1,
      includeMetadata: true,
      perJobResults: true,
      // Where the database cannot tell us of jobs, as behind a pooler of transactions, we have to ask.
      pollingIntervalSeconds: lane === 0 ? UNTOLD_POLL_SECONDS : pollSeconds,
      notifyPollingIntervalSeconds: pollSeconds,
    } as const;
    const id = await boss.work<object, object, typeof options>(lanes.queue, options, (jobs) => {
      // Where there is one there may be more: this lane comes back at once, and the next one begins beside it.
      wake(lane);
      wake(lane + 1);
      return Promise.all(jobs.map(perform));
    });
    ids.push(id);
  }
  return () => wake(0);
}

/** Signs in and looks for the queue, and does nothing. @returns what is wrong, in codes; null where all is well */
export async function findQueueProblem(databaseUrl: string): Promise<string | null> {
  const boss = createBoss(databaseUrl, { isWorking: false });
  boss.on('error', () => undefined);
  try {
    await boss.start();
    return null;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (typeof code === 'string') return code;
    return error instanceof Error && error.message.startsWith('pg-boss') ? error.message : 'no answer';
  } finally {
    await boss.stop({ graceful: false });
  }
}

function log(boss: PgBoss, { logger }: Dependencies): void {
  boss.on('error', (error) => {
    logger.error({ cause: describeCause(error) }, 'the queue has a problem; it goes on');
  });
  boss.on('warning', ({ message }) => logger.warn({ reason: message }, 'the queue warns'));
}

const periodicPayload = z.object({ job: z.string() });

/**
 * One run of a periodic job. A run that fails is not repeated: the next one comes.
 * @throws where the next run could not be noted; then the queue repeats this one
 */
async function runPeriodic(
  deps: Dependencies,
  queue: { boss: PgBoss; jobs: ReadonlyMap<string, PeriodicJob>; wakeIn: (seconds: number) => void },
  data: object,
): Promise<string> {
  const name = periodicPayload.safeParse(data).data?.job ?? '';
  const job = queue.jobs.get(name);
  // Of a replica that is newer or older than this one.
  if (job === undefined) return 'unknown';
  let outcome = 'done';
  try {
    await job.run();
  } catch (error) {
    outcome = 'failed';
    const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
    errorsOf(deps).capture(error, { area: 'jobs', where: name, code: 'failed' });
    deps.logger.error({ job: name, cause }, 'a periodic job failed; its next round comes');
  }
  deps.metrics.jobRuns.inc({ job: name, outcome });
  if ('nextInSeconds' in job) {
    const seconds = Math.ceil(await job.nextInSeconds());
    await sendPeriodic(queue.boss, job, seconds);
    queue.wakeIn(seconds);
  }
  return outcome;
}

/** Harmless to repeat: of each job one waits at most. */
function sendPeriodic(boss: PgBoss, { name }: PeriodicJob, startAfter: number): Promise<string | null> {
  return boss.send(PERIODIC, { job: name }, { singletonKey: name, startAfter });
}

async function workPeriodic(deps: Dependencies, boss: PgBoss, periodic: readonly PeriodicJob[]) {
  const jobs = new Map(periodic.map((job) => [job.name, job]));
  let wake = () => {};
  // Nobody is told of a job whose time has come; whoever put it off knows.
  const wakeIn = (seconds: number) => {
    setTimeout(() => wake(), seconds * 1000 + WAKE_MARGIN_MS).unref();
  };
  const lanes = { queue: PERIODIC, count: PERIODIC_LANES, pollSeconds: PERIODIC_POLL_SECONDS };
  wake = await openLanes(boss, lanes, async ({ id, data }) => {
    const outcome = await runPeriodic(deps, { boss, jobs, wakeIn }, data);
    return { id, status: 'completed', output: { outcome } };
  });
  for (const job of periodic) {
    if ('cron' in job) {
      const options = { tz: 'UTC', key: job.name, singletonKey: job.name };
      await boss.schedule(PERIODIC, job.cron, { job: job.name }, options);
    }
    // And once now: whatever went unseen while nobody was there is not left waiting.
    await sendPeriodic(boss, job, 0);
  }
}

/** Works effects as they are owed. @returns when the lanes are open */
export async function workEffects(
  deps: Dependencies,
  boss: PgBoss,
  effects: readonly Effect[],
): Promise<void> {
  for (const effect of effects) {
    const lanes = { queue: effect.kind, count: LANES, pollSeconds: POLL_SECONDS };
    const wake = await openLanes(boss, lanes, async (job) => {
      const result = await doEffect(deps, effect, job);
      const delay = result.status === 'failed' ? longestDelaySeconds(job) : Number.POSITIVE_INFINITY;
      if (delay < POLL_SECONDS) setTimeout(wake, delay * 1000 + WAKE_MARGIN_MS).unref();
      return result;
    });
  }
}

/** Until when a failed job is due again at the latest (pg-boss draws the delay, between half of it and all). */
function longestDelaySeconds({ retryDelay, retryDelayMax, retryCount }: JobWithMetadata<object>): number {
  return Math.min(retryDelayMax ?? Number.POSITIVE_INFINITY, retryDelay * 2 ** (retryCount + 1));
}

/**
 * Begins to work what is owed and what is done again and again, beside any number of replicas.
 * @throws where the database does not let us in, or its queue is of another version than the library
 */
export async function startQueue(deps: Dependencies, options: QueueOptions): Promise<RunningQueue> {
  const boss = createBoss(options.databaseUrl, { isWorking: true });
  log(boss, deps);
  const startedMs = Date.now();
  try {
    await boss.start();
    await workEffects(deps, boss, options.effects);
    await workPeriodic(deps, boss, options.periodic);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return {
    late() {
      const seenMs = new Map<string, number>();
      for (const { name, lastFetchedOn } of boss.getWipData()) {
        seenMs.set(name, Math.max(seenMs.get(name) ?? startedMs, lastFetchedOn ?? 0));
      }
      return [...seenMs].filter(([, atMs]) => Date.now() - atMs > DEAF_AFTER_MS).map(([name]) => name);
    },
    stop: () => boss.stop({ graceful: true, timeout: STOP_MS }),
  };
}
