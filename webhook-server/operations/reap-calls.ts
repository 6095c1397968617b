import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { closeRooms } from '../calls/close-rooms.ts';

/**
 * Settles the calls whose worker went silent, at the last use reported, and closes their rooms.
 * @throws Fault `database_unavailable`
 */
export async function reapCalls(deps: Dependencies): Promise<void> {
  const { database, metrics, logger } = deps;
  const reaped = await callFunction(database, 'reap_calls', {}, z.array(z.uuid()));
  if (reaped.length === 0) return;
  metrics.reapedCalls.inc(reaped.length);
  logger.warn({ call_ids: reaped }, 'calls were settled because their worker went silent');
  await closeRooms(deps, reaped);
}
