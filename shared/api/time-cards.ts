import { z } from 'zod';
import { MOST_CHARACTERS } from '../activation-codes/read-code.ts';
import { apiSchemas } from './schemas.ts';
import { timeZone } from './time-zone.ts';

export const cardSource = z.enum(['paid', 'gift', 'bonus', 'goodwill', 'trial']);
/** As the books have it. */
export const storedCardStatus = z.enum(['unactivated', 'active', 'exhausted', 'expired', 'revoked']);
const cardStatus = z
  .enum([...storedCardStatus.options, 'refunded', 'frozen'])
  .describe(
    '`refunded`: nothing is left, and all of its money went back; `frozen`: what is left is under dispute; ' +
      '`exhausted`: used up',
  );

/** A time card as its owner sees it. */
export const cardSchema = z
  .object({
    id: z.uuid(),
    package_id: z.string().nullable(),
    source: cardSource,
    status: cardStatus,
    total_seconds: z.int(),
    remaining_seconds: z.int(),
    paid_debt_seconds: z.int().describe('what of it paid time that was owed'),
    taken_back_seconds: z
      .int()
      .describe('taken off it because its money went back, by refund or lost dispute'),
    frozen_seconds: z
      .int()
      .describe('off it while its payment is disputed; comes back if the dispute is won'),
    expires_at: z.string().nullable().describe('RFC 3339'),
  })
  .register(apiSchemas, { id: 'Card' });

/** Body of `POST /activate`. How the code is written does not matter; a link or a message with one in it will do. */
export const activateRequest = z
  .strictObject({
    tenant_id: z.uuid().toLowerCase().optional().describe('gives the time to this tenant of yours'),
    code: z.string().min(1).max(MOST_CHARACTERS),
  })
  .register(apiSchemas, { id: 'ActivateRequest' });

/** What the giver wrote. Plain text of theirs: escape it wherever it is shown. */
const giftWordsSchema = z
  .object({
    message: z.string().nullable(),
    recipient_name: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'GiftWords' });

export const activateResponse = z
  .object({
    card: cardSchema,
    balance_seconds: z.int(),
    gift: giftWordsSchema.nullable().describe('null where the giver wrote nothing'),
  })
  .register(apiSchemas, { id: 'ActivateResponse' });

/** A gift as its buyer sees it: the code to pass on, and whether it was used. */
const giftSchema = z
  .object({
    card_id: z.uuid(),
    package_id: z.string().nullable(),
    activation_code: z.string().describe('12 characters, written in groups of four'),
    total_seconds: z.int(),
    status: z.enum(['waiting', 'activated', 'revoked']),
    message: z.string().nullable(),
    recipient_name: z.string().nullable(),
    recipient_email: z.string().nullable().describe('who gets the code by mail; null: the buyer'),
    deliver_at: z
      .string()
      .nullable()
      .describe('RFC 3339: when the mail goes out; null: it went out once it was paid'),
    delivery: z
      .enum(['scheduled', 'sent', 'canceled'])
      .describe('of the mail with the code: one that was taken back or used before its day is not sent'),
    bought_at: z.string().describe('RFC 3339'),
  })
  .register(apiSchemas, { id: 'Gift' });

/** Body of `PUT /user/:user_id/gifts/:card_id/delivery`. */
export const deliveryRequest = z
  .strictObject({
    deliver_on: z.iso.date().nullable().describe('a day after today, within a year; null: now'),
    time_zone: timeZone,
  })
  .register(apiSchemas, { id: 'DeliveryRequest' });

export const deliveryResponse = z
  .object({ card_id: z.uuid(), deliver_at: z.string().describe('RFC 3339') })
  .register(apiSchemas, { id: 'DeliveryResponse' });

/** Answer of `GET /user/:user_id/gifts`, newest first. */
export const giftsResponse = z
  .object({ gifts: z.array(giftSchema) })
  .register(apiSchemas, { id: 'GiftsResponse' });

export type Card = z.infer<typeof cardSchema>;
export type Gift = z.infer<typeof giftSchema>;
export type ActivateResponse = z.infer<typeof activateResponse>;
