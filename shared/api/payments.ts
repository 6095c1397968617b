import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { apiSchemas } from './schemas.ts';

/** Who gets the time: the buyer at once, or whoever holds the activation code. */
const purchaseFor = z.enum(['me', 'gift']);

const HOLDS_MARKUP = /<\s*[a-z!/?]/i;
/** Words for somebody else. */
const giftWords = (maxLength: number) =>
  plainText(maxLength).refine((text) => !HOLDS_MARKUP.test(text), {
    error: 'must be plain text, without HTML',
  });

/** Body of `POST /create-payment-intent`; the attempt is named by the `Idempotency-Key` header. */
export const createPaymentIntentRequest = z
  .strictObject({
    package_id: z.string().min(1).max(64),
    for: purchaseFor.default('me'),
    message: giftWords(300).optional().describe('of a gift: shown to whoever activates it'),
    recipient_name: giftWords(100).optional().describe('of a gift: whom it is for'),
    keep_card: z
      .boolean()
      .optional()
      .describe(
        'the buyer consents to keeping the card for later payments; a repeat may change it until paying',
      ),
  })
  .refine(
    ({ for: purpose, message, recipient_name }) =>
      purpose === 'gift' || (message === undefined && recipient_name === undefined),
    { path: ['message'], error: 'only a gift carries a message' },
  )
  .register(apiSchemas, {
    id: 'CreatePaymentIntentRequest',
    rules: {
      anyOf: [
        { properties: { for: { const: 'gift' } }, required: ['for'] },
        { not: { anyOf: [{ required: ['message'] }, { required: ['recipient_name'] }] } },
      ],
    },
  });

export const createPaymentIntentResponse = z
  .object({
    payment_intent_id: z.string(),
    client_secret: z.string(),
    amount_cents: z.int(),
    currency: z.string(),
    package_id: z.string(),
  })
  .register(apiSchemas, { id: 'CreatePaymentIntentResponse' });

export type CreatePaymentIntentRequest = z.output<typeof createPaymentIntentRequest>;
export type PurchaseFor = z.infer<typeof purchaseFor>;
export type CreatePaymentIntentResponse = z.infer<typeof createPaymentIntentResponse>;
