import { z } from 'zod';
import { apiSchemas } from '../../shared/api/schemas.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';

/** Answer of `GET /health`. */
export const healthResponse = z
  .object({
    status: z.enum(['ok', 'degraded']),
    checks: z.object({
      database: z.enum(['ok', 'unavailable']),
      jobs: z.string().describe('"ok", or the names of the periodic jobs that are late'),
      mail: z.string().describe('"ok", or why notices cannot be sent, which keeps nobody from paying'),
    }),
  })
  .register(apiSchemas, { id: 'HealthResponse' });

export type Health = z.infer<typeof healthResponse>;

const TIMEOUT_MS = 2_000;
/** However many probes there are, the database is asked once a second. */
const CACHED_MS = 1_000;

async function isAnswering(database: DatabaseClient): Promise<boolean> {
  const query = database.from('pricing_tiers').select('id').limit(1);
  const { error } = await query.abortSignal(AbortSignal.timeout(TIMEOUT_MS));
  return error === null;
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
}): () => Promise<Health> {
  let asked = { atMs: Number.NEGATIVE_INFINITY, answering: Promise.resolve(false) };
  return async () => {
    if (performance.now() - asked.atMs > CACHED_MS) {
      asked = { atMs: performance.now(), answering: isAnswering(options.database) };
    }
    const database = (await asked.answering) && options.isReady() ? 'ok' : 'unavailable';
    const late = options.lateJobs();
    return {
      status: database === 'ok' && late.length === 0 ? 'ok' : 'degraded',
      checks: { database, jobs: late.length === 0 ? 'ok' : late.join(', '), mail: options.mailState() },
    };
  };
}
