import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyStripeEvent } from '../payments/apply-stripe-event.ts';

const answerSchema = z.object({
  status: z.enum(['reopened', 'done', 'unknown_event', 'invalid_act', 'not_an_operator']),
});

/**
 * Applies an event again that was parked or ignored. If it fails again it goes on as any other: the reconciler
 * takes it up, and after its attempts it is parked again.
 * @returns the outcome, as of a webhook
 * @throws Fault `forbidden`, `not_found`, `payment_provider_unavailable`, `database_unavailable`, `internal`
 */
export async function replayStripeEvent(
  deps: Dependencies,
  { eventId, operatorId, reason }: { eventId: string; operatorId: string; reason?: string | undefined },
): Promise<string> {
  const args = {
    p_event_id: eventId,
    p_operator_id: operatorId,
    ...(reason !== undefined && { p_reason: reason }),
  };
  const { status } = await callFunction(deps.database, 'note_replay', args, answerSchema);
  if (status === 'not_an_operator') throw new Fault('forbidden', 'Only operators may replay events.');
  if (status === 'invalid_act') throw new Fault('invalid_request', 'Say why, in 1 to 500 characters.');
  if (status === 'unknown_event') throw new Fault('not_found', 'There is no such event.');
  if (status === 'done') return 'duplicate_event';
  const { data, error } = await deps.database
    .from('stripe_events')
    .select('id, type, object_id')
    .eq('id', eventId)
    .single();
  if (error) throw databaseFault('stripe_events', error);
  return applyStripeEvent(deps, { id: data.id, type: data.type, objectId: data.object_id ?? '' }, 'operator');
}
