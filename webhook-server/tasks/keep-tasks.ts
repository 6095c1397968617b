import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

const REVENUE_ROWS = 5_000;
const MOST_BATCHES = 50;

const reapedSchema = z.object({ lost: z.int(), told_again: z.int(), expired: z.int() });
const scheduledSchema = z.object({ looked_at: z.int(), assigned: z.int() });
const rolledSchema = z.object({ status: z.enum(['complete', 'more', 'busy']) });
const checkedSchema = z.object({
  status: z.enum(['same', 'replaced', 'nothing']),
  day: z.string().optional(),
});
const once = { once: true };

/**
 * Matches what there is to do with who can do it; before that, agents that failed too often get another try.
 * @throws Fault `database_unavailable`
 */
export async function scheduleTasks({ database, logger }: Dependencies) {
  await callFunction(database, 'optimise_agents', {}, z.object({ recovered: z.int() }));
  const scheduled = await callFunction(database, 'schedule_tasks', {}, scheduledSchema);
  if (scheduled.assigned > 0) logger.info(scheduled, 'tasks are assigned');
  return scheduled;
}

/**
 * Brings back tasks whose worker is silent.
 * @throws Fault `database_unavailable`
 */
export async function reapTasks({ database, logger }: Dependencies): Promise<void> {
  const reaped = await callFunction(database, 'reap_tasks', {}, reapedSchema);
  if (reaped.lost + reaped.told_again > 0)
    logger.warn(reaped, 'tasks had lost their worker; they are taken up again');
}

/**
 * Adds collected revenue to its sums.
 * @throws Fault `database_unavailable`
 */
export async function rollUpRevenue({ database }: Dependencies): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const args = { p_limit: REVENUE_ROWS };
    const { status } = await callFunction(database, 'roll_up_revenue', args, rolledSchema, once);
    if (status !== 'more') return;
  }
}

/** @throws Fault `database_unavailable` */
export async function checkRevenue({ database, logger }: Dependencies): Promise<void> {
  const { status, day } = await callFunction(database, 'check_revenue', {}, checkedSchema, once);
  if (status === 'replaced') logger.error({ day }, 'the sums of revenue of a day were not those of its rows');
}
