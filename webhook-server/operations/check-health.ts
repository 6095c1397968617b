import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { apiSchemas } from '../../shared/api/schemas.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { OutsideState } from './check-outside.ts';

/** Answer of `GET /health`. */
export const healthResponse = z
  .object({
    status: z.enum(['ok', 'degraded']),
    checks: z.object({
      database: z.enum(['ok', 'unavailable']),
      jobs: z.string().describe('"ok", or the names of the periodic jobs that are late'),
      queue: z.enum(['ok', 'not worked']).describe('Whether this replica works the jobs that are owed'),
      chains: z
        .string()
        .optional()
        .describe('"ok", or of which chains nodes do not answer, whose payments may have to wait'),
      facilitator: z.string().optional().describe('"ok", or why payments of x402 have to wait'),
      mail: z.string().describe('"ok", or why notices cannot be sent, which keeps nobody from paying'),
    }),
  })
  .register(apiSchemas, { id: 'HealthResponse' });

export type Health = z.infer<typeof healthResponse>;

const TIMEOUT_MS = 2_000;
/** However many probes there are, the database is asked once a second. */
const CACHED_MS = 1_000;
/** A probe is answered by then, with what is known. */
const PATIENCE_MS = 100;
/** A database that is busy may keep one look waiting. Who is started anew for that loses the calls of a healthy replica. */
const MOST_LATE = 3;

/** Asks whether the database answers. One that refuses is away at once, one that is slow after some looks in a row. */
function createProbe(database: DatabaseClient): () => Promise<boolean> {
  let known = { atMs: Number.NEGATIVE_INFINITY, answers: false };
  let late = 0;
  let looking: Promise<boolean> | undefined;

  async function look(): Promise<boolean> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { error } = await database.from('pricing_tiers').select('id').limit(1).abortSignal(signal);
    late = error !== null && signal.aborted ? late + 1 : 0;
    const answers = error === null || (known.answers && late > 0 && late < MOST_LATE);
    known = { atMs: performance.now(), answers };
    return answers;
  }

  return async () => {
    if (performance.now() - known.atMs <= CACHED_MS) return known.answers;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    // The first one is waited for: nothing is known yet.
    return known.answers ? Promise.race([looking, sleep(PATIENCE_MS, true)]) : looking;
  };
}

/**
 * Whether this replica gets anything done: a process that answers, but whose database does not, is of no
 * use, and neither is one whose jobs stand still.
 */
export function createHealthCheck(options: {
  database: DatabaseClient;
  isReady: () => boolean;
  lateJobs: () => string[];
  mailState: () => string;
  /** Of those outside; not for whoever asks about this process alone. */
  outside?: () => Promise<OutsideState>;
}): () => Promise<Health> {
  const isAnswering = createProbe(options.database);
  return async () => {
    const [answers, outside] = await Promise.all([isAnswering(), options.outside?.()]);
    const database = answers && options.isReady() ? 'ok' : 'unavailable';
    const late = options.lateJobs();
    const queue = late.includes('queue') ? 'not worked' : 'ok';
    return {
      status: database === 'ok' && late.length === 0 ? 'ok' : 'degraded',
      checks: {
        database,
        queue,
        jobs: late.length === 0 ? 'ok' : late.join(', '),
        ...outside,
        mail: options.mailState(),
      },
    };
  };
}
