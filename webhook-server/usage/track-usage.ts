import { z } from 'zod';
import { type trackedEvent, trackUsageResponse } from '../../shared/api/usage.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

const answerSchema = z.discriminatedUnion('status', [
  trackUsageResponse.extend({ status: z.literal('tracked') }),
  z.object({ status: z.enum(['malformed', 'unknown_user', 'not_a_member']) }),
]);

export type TrackedEvent = z.output<typeof trackedEvent>;

/**
 * Records what a person, or a member of a tenant, used. Harmless to repeat with the same keys and times.
 * @returns what became of each, by its key
 * @throws Fault `unknown_user`, `forbidden` for who does not belong to the tenant, `database_unavailable`
 */
export async function trackUsage(
  database: DatabaseClient,
  { userId, tenantId, events }: { userId: string; tenantId: string | null; events: TrackedEvent[] },
): Promise<z.output<typeof trackUsageResponse>['events']> {
  const args = { p_user_id: userId, p_tenant_id: tenantId as string, p_events: events };
  const answer = await callFunction(database, 'track_usage', args, answerSchema);
  if (answer.status === 'tracked') return answer.events;
  if (answer.status === 'unknown_user') throw new Fault('unknown_user');
  if (answer.status === 'not_a_member')
    throw new Fault('forbidden', 'This person does not belong to this tenant.');
  throw new Error('a batch that was checked is malformed to the database');
}
