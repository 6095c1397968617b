import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** The largest value of PostgreSQL's integer: one report beyond it would fail its whole batch. */
const MAX_INT4 = 2_147_483_647;
const milliseconds = z.int().min(0);

/** Body of `POST /internal/renewals`: the cumulative use of one call, as its worker counts it. */
export const renewalRequest = z
  .strictObject({
    call_id: z.uuid().toLowerCase(),
    epoch: z.int().min(1).max(MAX_INT4),
    used_ms: milliseconds,
    restored_ms: milliseconds.default(0).describe('part of used_ms that is free after all'),
  })
  .register(apiSchemas, { id: 'RenewalRequest' });

/** What a live call may use, as `renew_call` and `renew_calls` answer it. */
export const grantFields = {
  epoch: z.int(),
  granted_seconds: z.int(),
  free_seconds: z.int(),
  live_calls: z.int(),
  final: z.boolean().describe('true when nothing is free beyond this grant'),
};

/** Answer of `POST /internal/renewals`: the row of the call. A refusal is an answer too: hang up. */
export const renewalAnswer = z
  .discriminatedUnion('status', [
    z.object({ call_id: z.uuid(), status: z.literal('renewed'), ...grantFields }),
    z.object({
      call_id: z.uuid(),
      status: z.enum(['fenced', 'call_settled', 'unknown_call']),
      epoch: z.int().nullable().describe('the epoch that counts; null for an unknown call'),
    }),
  ])
  .register(apiSchemas, { id: 'RenewalAnswer' });

export type RenewalRequest = z.infer<typeof renewalRequest>;
export type RenewalAnswer = z.infer<typeof renewalAnswer>;
