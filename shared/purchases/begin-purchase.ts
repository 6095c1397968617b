import { z } from 'zod';
import type { PurchaseFor } from '../api/payments.ts';
import { callFunction } from '../database/call-function.ts';
import type { DatabaseClient } from '../database/client.ts';
import { Fault } from '../errors.ts';

const purchaseSchema = z.object({
  id: z.uuid(),
  package_id: z.string(),
  purpose: z.enum(['me', 'gift']),
  amount_cents: z.int(),
  currency: z.string(),
  paid_seconds: z.int(),
  bonus_seconds: z.int(),
  payment_intent_id: z.string().nullable(),
  status: z.enum([
    'created',
    'unknown',
    'awaiting_payment',
    'processing',
    'failed',
    'canceled',
    'review',
    'succeeded',
    'refused',
  ]),
  /** Part of the idempotency key at Stripe. */
  stripe_attempt: z.int(),
  /** Set once the buyer chose to pay on Stripe's own page: then no intent of ours may be made. */
  checkout_expires_at: z.string().nullable(),
});

const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ready'),
    purchase: purchaseSchema,
    stripe_customer_id: z.string().nullable(),
  }),
  z.object({
    status: z.enum(['unknown_package', 'unknown_user', 'invalid_delivery', 'key_reused', 'not_allowed']),
  }),
]);

export type Purchase = z.infer<typeof purchaseSchema>;
export type BegunPurchase = { purchase: Purchase; stripeCustomerId: string | null };

/** Words that go with a gift, and how its code gets to somebody. */
export type GiftWish = {
  message?: string | undefined;
  recipientName?: string | undefined;
  email?: string | undefined;
  /** YYYY-MM-DD, in the time zone. */
  deliverOn?: string | undefined;
  timeZone?: string | undefined;
};

/**
 * Begins a purchase at today's price, or answers the one that this key began before: a repeat, by a
 * person or by a language model, is the same purchase.
 * @throws Fault `unknown_package`, `idempotency_key_reused`, `role_missing`, `not_signed_in`, `database_unavailable`
 */
export async function beginPurchase(
  client: DatabaseClient,
  request: {
    userId: string;
    packageId: string;
    purpose: PurchaseFor;
    idempotencyKey: string;
    gift?: GiftWish;
    /** The tenant that it is for, by whoever does its billing. */
    tenantId?: string | undefined;
  },
): Promise<BegunPurchase> {
  const answer = await callFunction(
    client,
    'begin_purchase',
    {
      p_user_id: request.userId,
      p_package_id: request.packageId,
      p_purpose: request.purpose,
      p_key: request.idempotencyKey,
      ...(request.tenantId !== undefined && { p_tenant_id: request.tenantId }),
      ...(request.gift?.message !== undefined && { p_message: request.gift.message }),
      ...(request.gift?.recipientName !== undefined && { p_recipient_name: request.gift.recipientName }),
      ...(request.gift?.email !== undefined && { p_gift_email: request.gift.email }),
      ...(request.gift?.deliverOn !== undefined && {
        p_deliver_on: request.gift.deliverOn,
        p_time_zone: request.gift.timeZone ?? 'UTC',
      }),
    },
    answerSchema,
  );
  switch (answer.status) {
    case 'ready':
      return { purchase: answer.purchase, stripeCustomerId: answer.stripe_customer_id };
    case 'unknown_package':
      throw new Fault('unknown_package');
    case 'invalid_delivery':
      throw new Fault('invalid_request', 'deliver_on: must be a day after today, within a year');
    case 'not_allowed':
      throw new Fault('role_missing');
    case 'key_reused':
      throw new Fault('idempotency_key_reused');
    case 'unknown_user':
      throw new Fault('not_signed_in', 'This account does not exist any more. Sign up again.');
  }
}
