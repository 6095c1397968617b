import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';

const figuresSchema = z.array(
  z.object({ kind: z.string(), waiting: z.int(), given_up: z.int(), oldest_seconds: z.int() }),
);
const peopleSchema = z.object({ count: z.int() });
/** However many scrape: the database is asked this often at most, and not at all where nobody does. */
const CACHED_MS = 15_000;

/** Shows what is still owed, what was given up, and who has no customer at Stripe. @throws Fault `database_unavailable` */
export async function showFigures({ database, metrics }: Dependencies): Promise<void> {
  const [figures, people] = await Promise.all([
    callFunction(database, 'job_figures', {}, figuresSchema),
    callFunction(database, 'list_people_without_customer', { p_limit: 0 }, peopleSchema),
  ]);
  metrics.jobsWaiting.reset();
  metrics.jobsGivenUp.reset();
  metrics.oldestJobSeconds.reset();
  for (const { kind, waiting, given_up, oldest_seconds } of figures) {
    metrics.jobsWaiting.set({ kind }, waiting);
    metrics.jobsGivenUp.set({ kind }, given_up);
    metrics.oldestJobSeconds.set({ kind }, oldest_seconds);
  }
  metrics.peopleWithoutCustomer.set(people.count);
}

/** What `GET /metrics` asks for first. Never throws: without a database all other figures are still worth seeing. */
export function createFigures(deps: Dependencies): () => Promise<void> {
  let asked = { atMs: Number.NEGATIVE_INFINITY, done: Promise.resolve() };
  return () => {
    if (performance.now() - asked.atMs > CACHED_MS) {
      const done = showFigures(deps).catch((error: unknown) => {
        deps.logger.warn({ cause: describeCause(error) }, 'the figures of the queue are not to be had');
      });
      asked = { atMs: performance.now(), done };
    }
    return asked.done;
  };
}
