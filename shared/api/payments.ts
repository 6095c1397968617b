import { z } from 'zod';

/** Who gets the time: the buyer at once, or whoever holds the activation code. */
const purchaseFor = z.enum(['me', 'gift']);

/** Body of `POST /create-payment-intent`; the attempt is named by the `Idempotency-Key` header. */
export const createPaymentIntentRequest = z.strictObject({
  package_id: z.string().min(1).max(64),
  for: purchaseFor.default('me'),
});

export const createPaymentIntentResponse = z.object({
  payment_intent_id: z.string(),
  client_secret: z.string(),
  amount_cents: z.int(),
  currency: z.string(),
  package_id: z.string(),
});

export type PurchaseFor = z.infer<typeof purchaseFor>;
export type CreatePaymentIntentResponse = z.infer<typeof createPaymentIntentResponse>;
