import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/**
 * Begins the automatic top-ups that are due. It decides nothing by itself: the conditions are checked in the database,
 * under the lock of each account.
 * @throws Fault `database_unavailable`
 */
export async function decideAutoTopUps({ database, metrics, logger }: Dependencies): Promise<void> {
  const outcomes = await callFunction(database, 'decide_auto_top_ups', {}, z.record(z.string(), z.int()));
  for (const [outcome, count] of Object.entries(outcomes)) metrics.autoTopUpDecisions.inc({ outcome }, count);
  if ((outcomes.failed ?? 0) > 0) logger.error({ outcomes }, 'some automatic top-ups could not be decided');
}
