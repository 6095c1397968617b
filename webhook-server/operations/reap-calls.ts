import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Settles the calls whose worker went silent, at the last use reported.
 * @throws Fault `database_unavailable`
 */
export async function reapCalls({ database, metrics, logger }: Dependencies): Promise<void> {
  const reaped = await callFunction(database, 'reap_calls', {}, z.array(z.uuid()));
  if (reaped.length === 0) return;
  metrics.reapedCalls.inc(reaped.length);
  logger.warn({ call_ids: reaped }, 'calls were settled because their worker went silent');
}
