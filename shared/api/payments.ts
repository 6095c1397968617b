import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { apiSchemas } from './schemas.ts';
import { timeZone } from './time-zone.ts';

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
    recipient_email: z
      .email()
      .max(320)
      .optional()
      .describe('of a gift: who gets its code by mail; without: you do, and pass it on'),
    deliver_on: z.iso
      .date()
      .optional()
      .describe('of a gift: the day on which its code is sent, in the morning; without: once it is paid'),
    time_zone: timeZone.optional().describe('of that day: where you are'),
    tenant_id: z
      .uuid()
      .toLowerCase()
      .optional()
      .describe('whom it is for, where it is a tenant whose billing you do; not for gifts'),
    keep_card: z
      .boolean()
      .optional()
      .describe(
        'the buyer consents to keeping the card for later payments; a repeat may change it until paying',
      ),
  })
  .refine(
    ({ for: purpose, message, recipient_name, recipient_email, deliver_on }) =>
      purpose === 'gift' ||
      [message, recipient_name, recipient_email, deliver_on].every((field) => field === undefined),
    { path: ['message'], error: 'only a gift carries a message, and goes to somebody on a day' },
  )
  .refine(({ for: purpose, tenant_id }) => purpose === 'me' || tenant_id === undefined, {
    path: ['tenant_id'],
    error: 'a tenant buys for itself',
  })
  .refine(({ deliver_on, time_zone }) => (deliver_on === undefined) === (time_zone === undefined), {
    path: ['time_zone'],
    error: 'send a day together with its time zone',
  })
  .register(apiSchemas, {
    id: 'CreatePaymentIntentRequest',
    rules: {
      anyOf: [
        { properties: { for: { const: 'gift' } }, required: ['for'] },
        {
          not: {
            anyOf: ['message', 'recipient_name', 'recipient_email', 'deliver_on'].map((field) => ({
              required: [field],
            })),
          },
        },
      ],
      dependentRequired: { deliver_on: ['time_zone'], time_zone: ['deliver_on'] },
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
