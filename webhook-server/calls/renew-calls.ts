import { z } from 'zod';
import { type RenewalAnswer, type RenewalRequest, renewalAnswer } from '../../shared/api/renewals.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';

/** Workers wait 1.5 seconds: a later answer would reach nobody. */
const TIMEOUT_MS = 1_200;

/**
 * Renews many calls as one statement. It is not repeated here: each worker has another way to the database,
 * and takes it at once when it is told that this one failed.
 * @param renewals each call at most once
 * @throws Fault `database_unavailable`
 */
export async function renewCalls(
  database: DatabaseClient,
  renewals: readonly RenewalRequest[],
): Promise<RenewalAnswer[]> {
  const args = {
    p_call_ids: renewals.map((renewal) => renewal.call_id),
    p_epochs: renewals.map((renewal) => renewal.epoch),
    p_used_ms: renewals.map((renewal) => renewal.used_ms),
    p_restored_ms: renewals.map((renewal) => renewal.restored_ms),
  };
  const { data, error, status } = await database
    .rpc('renew_calls', args)
    .abortSignal(AbortSignal.timeout(TIMEOUT_MS));
  if (error) throw databaseFault(`renew_calls: ${status}`, error);
  return z.array(renewalAnswer).parse(data);
}
