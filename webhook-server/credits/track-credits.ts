import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type trackCreditsRequest, trackCreditsResponse } from '../../shared/api/credits.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('tracked'), replayed: z.boolean(), answer: trackCreditsResponse }),
  z.object({ status: z.literal('parted_unit'), pieces_per_unit: z.int() }),
  z.object({
    status: z.enum([
      'malformed',
      'unknown_tenant',
      'unknown_subscription',
      'unknown_event_type',
      'key_reused',
      'no_credits_left',
      'overage_cap_reached',
    ]),
  }),
]);

export type CreditEvent = z.output<typeof trackCreditsRequest>;

/**
 * Records an event of a tenant and burns its credits. Without a key of its own it has one for this request only, so that what is
 * sent again to the database burns once.
 * @throws Fault `no_credits_left`, `overage_cap_reached`, `not_found`, `idempotency_key_reused`, `invalid_request`,
 *   `database_unavailable`
 */
export async function trackCredits(
  database: DatabaseClient,
  event: CreditEvent,
  userId: string,
): Promise<z.output<typeof trackCreditsResponse>> {
  const answer = await callFunction(
    database,
    'track_credits',
    {
      p_tenant_id: event.tenant_id,
      p_subscription_id: (event.subscription_id ?? null) as string,
      p_event_type: event.event_type,
      p_units: event.units,
      p_key: event.idempotency_key ?? `request:${randomUUID()}`,
      p_meta: event.meta ?? {},
      p_user_id: (userId || null) as string,
    },
    answerSchema,
  );
  switch (answer.status) {
    case 'tracked':
      return answer.answer;
    case 'parted_unit':
      throw new Fault(
        'invalid_request',
        `units: ${answer.pieces_per_unit} pieces are one unit of ${event.event_type}, and none of them can be parted`,
      );
    case 'malformed':
      throw new Fault('invalid_request', 'meta: figures and names only, 2 KiB at most');
    case 'unknown_event_type':
      throw new Fault(
        'invalid_request',
        'event_type: no rule says what it costs. GET /plans lists those that do',
      );
    case 'unknown_tenant':
      throw new Fault('not_found', 'There is no tenant with this id.');
    case 'unknown_subscription':
      throw new Fault('not_found', 'This is not the subscription with credits that the tenant has now.');
    case 'key_reused':
      throw new Fault('idempotency_key_reused', 'This key names another event. Use a new one for each.');
    default:
      throw new Fault(answer.status);
  }
}
