import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Query of `GET /user/:user_id/purchases`. */
export const purchasesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many at most.'),
  before: z.uuid().optional().describe('The `next` of the page before.'),
});

const refundSchema = z
  .object({
    amount_cents: z.int(),
    status: z
      .enum(['pending', 'succeeded', 'failed'])
      .describe('`failed`: the bank of the buyer did not take it'),
    created_at: z.string().describe('RFC 3339'),
  })
  .register(apiSchemas, { id: 'Refund' });

/** What somebody bought, as they see it. Amounts are in the smallest unit of their currency. */
const ownPurchaseSchema = z
  .object({
    purchase_id: z.uuid(),
    purpose: z.enum(['me', 'gift']),
    package_id: z.string(),
    package_name: z.string(),
    total_seconds: z.int(),
    bonus_seconds: z.int().describe('of them'),
    status: z
      .enum(['processing', 'review', 'succeeded', 'refused'])
      .describe(
        '`processing`: the money is on its way; `review`: it did not fit, and a person looks at it; `refused`: it gave no time',
      ),
    amount_cents: z.int().describe('the price'),
    currency: z.string().describe('of the price'),
    received_cents: z.int().nullable().describe('what was paid, tax included; null before it is'),
    received_currency: z.string().describe('of what was paid and of what went back'),
    refunded_cents: z.int(),
    disputed_cents: z.int().describe('under dispute now'),
    lost_cents: z.int().describe('went back by disputes'),
    taken_back_seconds: z.int().describe('time that went back with its money'),
    paid_debt_seconds: z.int().describe('what of it paid time that was owed'),
    is_automatic: z.boolean().describe('bought by automatic top-up'),
    recipient_name: z.string().nullable().describe('of a gift'),
    recipient_email: z.string().nullable().describe('of a gift'),
    deliver_at: z.string().nullable().describe('RFC 3339, of a gift that is sent on a day'),
    created_at: z.string().describe('RFC 3339'),
    refunds: z.array(refundSchema).describe('oldest first'),
  })
  .register(apiSchemas, { id: 'OwnPurchase' });

/** Answer of `GET /user/:user_id/purchases`, newest first. */
export const purchasesResponse = z
  .object({
    purchases: z.array(ownPurchaseSchema),
    next: z.uuid().nullable().describe('pass it as `before` for the next page; null on the last one'),
  })
  .register(apiSchemas, { id: 'PurchasesResponse' });

/** Answer of `GET /user/:user_id/purchases/:purchase_id/stripe-receipt`. */
export const stripeReceiptResponse = z
  .object({ receipt_url: z.url().nullable().describe('null as long as Stripe has none') })
  .register(apiSchemas, { id: 'StripeReceiptResponse' });

export type OwnPurchase = z.infer<typeof ownPurchaseSchema>;
export type PurchasesResponse = z.infer<typeof purchasesResponse>;
export type StripeReceiptResponse = z.infer<typeof stripeReceiptResponse>;
