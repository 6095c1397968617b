import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/**
 * Ends calls of paid APIs that were lost with their process, and frees what wallets had promised for too long.
 * @throws Fault `database_unavailable`
 */
export async function reapExecutions({ database, logger }: Dependencies): Promise<void> {
  const lost = await callFunction(database, 'reap_executions', {}, z.int());
  const freed = await callFunction(database, 'reap_wallet_holds', {}, z.int());
  if (lost + freed > 0) logger.warn({ lost, freed }, 'calls of paid APIs were lost; nobody pays for them');
}
