import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

const figuresSchema = z.array(
  z.object({ kind: z.string(), waiting: z.int(), parked: z.int(), oldest_seconds: z.int() }),
);
const DONE_IS_KEPT_DAYS = 400;

/** Takes the gauges down, as another replica shows them now. */
export function forgetOutboxFigures({ metrics }: Dependencies): void {
  metrics.outboxWaiting.reset();
  metrics.outboxParked.reset();
  metrics.outboxOldestSeconds.reset();
  metrics.peopleWithoutCustomer.reset();
}

/**
 * Shows what is still owed, and who has no customer at Stripe; and deletes what was done long ago.
 * @throws Fault `database_unavailable`
 */
export async function watchOutbox(deps: Dependencies): Promise<void> {
  const { database, metrics } = deps;
  await callFunction(database, 'forget_done_outbox_items', { p_older_than_days: DONE_IS_KEPT_DAYS }, z.int());
  const figures = await callFunction(database, 'outbox_figures', {}, figuresSchema);
  const people = await callFunction(
    database,
    'list_people_without_customer',
    { p_limit: 0 },
    z.object({ count: z.int() }),
  );
  forgetOutboxFigures(deps);
  for (const { kind, waiting, parked, oldest_seconds } of figures) {
    metrics.outboxWaiting.set({ kind }, waiting);
    metrics.outboxParked.set({ kind }, parked);
    metrics.outboxOldestSeconds.set({ kind }, oldest_seconds);
  }
  metrics.peopleWithoutCustomer.set(people.count);
}
