import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** Rows of each kind in one statement, about: what one transaction wrote is never parted. */
const ROWS = 5_000;
/** Of one run; the rest waits for the next, and is read live until then. */
const MOST_BATCHES = 20;

const rolledSchema = z.object({ status: z.enum(['complete', 'more', 'busy']) });
const checkedSchema = z.object({
  status: z.enum(['same', 'replaced', 'nothing']),
  day: z.string().optional(),
  tables: z.array(z.string()).optional(),
});

/**
 * Adds what was written since the last run to the sums that operators see, a batch at a time.
 * @throws Fault `database_unavailable`
 */
export async function rollUp({ database }: Dependencies): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { status } = await callFunction(database, 'roll_up', { p_limit: ROWS }, rolledSchema, {
      once: true,
    });
    if (status !== 'more') return;
  }
}

/**
 * Builds a random day of the sums anew, from the rows themselves, and replaces it where they differ.
 * @throws Fault `database_unavailable`
 */
export async function checkFigures({ database, logger }: Dependencies): Promise<void> {
  const { status, ...found } = await callFunction(database, 'check_figures', {}, checkedSchema, {
    once: true,
  });
  if (status === 'replaced') logger.error(found, 'the sums of a day were not those of its rows');
}
