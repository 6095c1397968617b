import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const reason = z.string().trim().min(1).max(500);
const limit = z.coerce.number().int().min(1).max(1000).default(100).describe('How many at most.');

/** Query of `GET /operator/stripe-events`. */
export const stripeEventsQuery = z.strictObject({
  status: z.enum(['received', 'done', 'ignored', 'parked']).default('parked').describe('Where they stand.'),
  limit,
});

export const stripeEventsResponse = z
  .object({
    events: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        status: z.enum(['received', 'done', 'ignored', 'parked']),
        outcome: z.string(),
        attempts: z.int(),
        last_error: z.string().nullable(),
        received_at: z.string().describe('RFC 3339'),
      }),
    ),
  })
  .register(apiSchemas, { id: 'StripeEventsResponse' });

export const replayResponse = z
  .object({
    outcome: z.string().describe('as of a webhook; `duplicate_event` when there was nothing left to do'),
  })
  .register(apiSchemas, { id: 'ReplayResponse' });

/** Body of `POST /operator/purchases/:purchase_id/refund`; the refund is named by the `Idempotency-Key` header. */
export const refundRequest = z
  .strictObject({
    amount_cents: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('in the smallest unit of the currency; without: all that is left'),
    reason,
  })
  .register(apiSchemas, { id: 'RefundRequest' });

export const refundResponse = z
  .object({
    refund_id: z.string().describe('at Stripe'),
    amount_cents: z.int(),
    refunded_cents: z.int().describe('of this purchase, all together'),
    taken_back_seconds: z.int().describe('of its time, all together'),
    replayed: z.boolean().describe('true when this key had made it before'),
  })
  .register(apiSchemas, { id: 'RefundResponse' });

/** Body of `POST /operator/purchases/:purchase_id/review`. */
export const reviewRequest = z
  .strictObject({ decision: z.enum(['release', 'refuse']), reason })
  .register(apiSchemas, { id: 'ReviewRequest' });

export const reviewResponse = z
  .object({
    status: z.enum(['succeeded', 'refused']),
    refunded_cents: z.int(),
  })
  .register(apiSchemas, { id: 'ReviewResponse' });

export const operatorQuery = z.strictObject({ limit });

export const reviewsResponse = z
  .object({
    purchases: z.array(
      z.object({
        id: z.uuid(),
        user_id: z.uuid(),
        package_id: z.string(),
        payment_intent_id: z.string().nullable(),
        amount_cents: z.int(),
        received_cents: z.int().nullable(),
        received_currency: z.string().nullable().describe('null: that of the price'),
        currency: z.string().describe('of the price'),
        review_reason: z.string().nullable(),
        created_at: z.string().describe('RFC 3339'),
      }),
    ),
  })
  .register(apiSchemas, { id: 'ReviewsResponse' });

export const findingsResponse = z
  .object({
    findings: z.array(
      z.object({
        kind: z.string(),
        subject: z.string(),
        detail: z.string(),
        first_seen_at: z.string().describe('RFC 3339'),
        last_seen_at: z.string().describe('RFC 3339'),
      }),
    ),
  })
  .register(apiSchemas, { id: 'FindingsResponse' });

export type RefundRequest = z.infer<typeof refundRequest>;
export type RefundResponse = z.infer<typeof refundResponse>;
export type ReviewRequest = z.infer<typeof reviewRequest>;
export type ReviewResponse = z.infer<typeof reviewResponse>;
