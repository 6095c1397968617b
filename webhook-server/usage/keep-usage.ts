import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** Events in one statement, about: what one transaction wrote is never parted. */
const EVENTS = 5_000;
/** Of one run; the rest waits for the next, and is read live until then. */
const MOST_BATCHES = 50;
const CALLS = 200;

const rolledSchema = z.object({ status: z.enum(['complete', 'more', 'busy']) });
const recordedSchema = z.object({ recorded: z.int(), failed: z.int() });
const checkedSchema = z.object({
  status: z.enum(['same', 'replaced', 'nothing']),
  day: z.string().optional(),
  missing: z.int().optional(),
});
const partitionsSchema = z.object({
  status: z.string(),
  made: z.array(z.string()).optional(),
  elsewhere: z.int().optional(),
});
const once = { once: true };

/**
 * Records the usage of calls for which that failed when they were settled, and of tools that did not come to an end; and adds to the sums what was recorded since. Who
 * has reached a threshold of spending then is told.
 * @throws Fault `database_unavailable`
 */
export async function rollUpUsage({ database, logger }: Dependencies): Promise<void> {
  const healed = await callFunction(database, 'record_missing_usage', { p_limit: CALLS }, recordedSchema);
  if (healed.recorded > 0) logger.warn(healed, 'usage of calls is recorded late');
  if (healed.failed > 0) logger.error(healed, 'usage of calls cannot be recorded; it is tried again');
  const lost = await callFunction(database, 'end_lost_tool_calls', {}, z.int());
  if (lost > 0) logger.warn({ lost }, 'uses of tools are recorded of whose end nobody told');
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { status } = await callFunction(database, 'roll_up_usage', { p_limit: EVENTS }, rolledSchema, once);
    if (status !== 'more') break;
  }
  const reached = await callFunction(database, 'check_spend', {}, z.int());
  if (reached > 0) logger.info({ reached }, 'tenants have reached thresholds of spending');
}

/**
 * Builds a random day of the sums anew, and looks for calls of it that left no usage.
 * @throws Fault `database_unavailable`
 */
export async function checkUsage({ database, logger }: Dependencies): Promise<void> {
  const { status, ...found } = await callFunction(database, 'check_usage', {}, checkedSchema, once);
  if (status === 'replaced') logger.error(found, 'the sums of usage of a day were not those of its events');
  if ((found.missing ?? 0) > 0) logger.error(found, 'calls of a day had left no usage');
}

/**
 * Makes the partitions of the months to come.
 * @throws Fault `database_unavailable`, also where a table is busy: there are months of time to try again
 */
export async function makeUsagePartitions({ database, logger }: Dependencies): Promise<void> {
  const made = await callFunction(database, 'make_usage_partitions', {}, partitionsSchema, once);
  if ((made.elsewhere ?? 0) > 0) logger.error(made, 'usage events are of months that cannot be true');
}
