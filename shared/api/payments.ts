import { z } from 'zod';
import { plainNote } from '../plain-note.ts';
import { apiSchemas } from './schemas.ts';

/** Who gets the time: the buyer at once, or whoever holds the activation code. */
const purchaseFor = z.enum(['me', 'gift']);

/** Body of `POST /create-payment-intent`; the attempt is named by the `Idempotency-Key` header. */
const HOLDS_MARKUP = /<\s*[a-z!/?]/i;
const plainText = (maxLength: number) =>
  z
    .string()
    // Before it is cleaned: what the document forbids is refused, here as in every other text.
    .refine((text) => !text.includes('\0'), { error: 'holds the character U+0000', abort: true })
    .overwrite(plainNote)
    .trim()
    .min(1, { error: 'must hold something that is seen' })
    .max(maxLength)
    .refine((text) => !HOLDS_MARKUP.test(text), { error: 'must be plain text, without HTML' });

export const createPaymentIntentRequest = z
  .strictObject({
    package_id: z.string().min(1).max(64),
    for: purchaseFor.default('me'),
    message: plainText(300).optional().describe('of a gift: shown to whoever activates it'),
    recipient_name: plainText(100).optional().describe('of a gift: whom it is for'),
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
