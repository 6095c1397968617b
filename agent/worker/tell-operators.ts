import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { WorkerHealth } from './serve-status.ts';

/** Operators take one for silent that has told nothing for 30 s. */
const EVERY_MS = 10_000;

const answerSchema = z.object({ status: z.literal('noted') });

type Told = WorkerHealth & {
  /** Of what it takes at most, 1 for all of it: then it takes no more calls. */
  load: number;
  /** Calls that it can hold; null where the processor decides. */
  seats: number | null;
};

function stateOf({ connected, isStarved, isDraining, load }: Told): string {
  if (isDraining) return 'draining';
  if (!connected) return 'not_connected';
  if (isStarved) return 'starved';
  return load >= 1 ? 'full' : 'open';
}

export const reportOf = (told: Told, release: string | undefined) => ({
  name: `${hostname()}:${process.pid}`,
  release: release ?? '',
  state: stateOf(told),
  calls: told.activeCalls,
  seats: told.seats,
  load_percent: Math.min(1000, Math.round(told.load * 100)),
});

/** Tells operators by the database how this worker is, again and again. No call waits for it, and none fails by it. */
export function tellOperators(
  database: DatabaseClient,
  look: () => Promise<Told>,
  { release, logger }: { release: string | undefined; logger: Logger },
): { close(): Promise<void> } {
  const workerId = randomUUID();
  const tell = async (lookNow: () => Promise<object>) => {
    try {
      const report = (await lookNow()) as Record<string, string>;
      const args = { p_worker_id: workerId, p_report: report };
      await callFunction(database, 'report_worker', args, answerSchema, { once: true });
    } catch (error) {
      logger.debug({ err: error }, 'operators were not told how this worker is');
    }
  };
  let telling = Promise.resolve();
  const timer = setInterval(() => {
    telling = telling.then(() => tell(async () => reportOf(await look(), release)));
  }, EVERY_MS);
  return {
    async close() {
      clearInterval(timer);
      await telling;
      await tell(async () => ({ state: 'gone' }));
    },
  };
}
