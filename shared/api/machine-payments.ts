import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const cents = z.int().describe('hundredths of the currency: of a US dollar, or of a USDC');

/** What a program bought by HTTP 402. */
export const machineOrder = z
  .object({
    order_id: z.uuid(),
    status: z
      .enum(['settled', 'settlement_pending', 'failed', 'review', 'refused'])
      .describe(
        'settlement_pending: the payment is under way and is not asked for again; look at the order later',
      ),
    rail: z.enum(['x402', 'mpp']),
    package_id: z.string(),
    amount_cents: cents,
    currency: z.string().describe('usd, or usdc: never summed'),
    seconds: z.int(),
    created_at: z.string(),
    failure: z.string().nullable(),
    refunded_cents: z.int(),
    call_id: z.uuid().nullable(),
    network: z.string().nullable().describe('CAIP-2, of a payment on a chain'),
    asset: z.string().nullable(),
    amount_units: z.string().nullable().describe('what is paid, in the smallest unit of the asset'),
    payer: z.string().nullable(),
    transaction: z.string().nullable(),
    card: z
      .object({
        card_id: z.uuid(),
        status: z.string(),
        remaining_seconds: z.int(),
        expires_at: z.string().nullable(),
      })
      .nullable(),
    activation_code: z
      .string()
      .nullable()
      .describe('of a card that was bought with a Claim-Secret and that nobody has activated yet'),
  })
  .register(apiSchemas, { id: 'MachineOrder' });
export type MachineOrder = z.infer<typeof machineOrder>;

const callMinutes = z.int().min(1).max(600);

/** Body of `POST /v1/calls`. */
export const paidCallRequest = z
  .strictObject({
    minutes: callMinutes.describe('to pay for now'),
    max_cents: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe('the most that the whole call may cost, extensions included'),
    use_left: z
      .boolean()
      .optional()
      .describe('true: begins without a payment where the account has that much time already'),
  })
  .register(apiSchemas, { id: 'PaidCallRequest' });

/** Body of `POST /v1/calls/{call_id}/extend`. */
export const extendCallRequest = z
  .strictObject({ minutes: callMinutes })
  .register(apiSchemas, { id: 'ExtendCallRequest' });

export const paidCall = z
  .object({
    call_id: z.uuid(),
    status: z
      .enum(['payment_pending', 'waiting', 'open', 'settled'])
      .describe('waiting: paid, and nobody has come to its room yet'),
    paid_seconds: z.int(),
    used_seconds: z.int(),
    left_seconds: z.int().describe('what the call can go on for of what was paid for it'),
    given_back_seconds: z
      .int()
      .describe('paid and not used, once the call is over: it stays on the card of this payment'),
    account_seconds: z.int().describe('all that the account has, this call included'),
    max_cents: z.int().nullable(),
    orders: z.array(machineOrder),
    room: z
      .object({ server_url: z.string(), participant_token: z.string() })
      .nullable()
      .describe('enter with LiveKit within 50 seconds; asking again answers a new token'),
    receipt: z.unknown().describe('once the call is over, as in readReceipt'),
  })
  .register(apiSchemas, { id: 'PaidCall' });
export type PaidCall = z.infer<typeof paidCall>;

/** Body of `POST /operator/chain-refunds`. */
export const chainRefundRequest = z
  .strictObject({
    order_id: z.uuid(),
    amount_cents: z.int().min(1),
    transaction: z
      .string()
      .min(8)
      .max(200)
      .describe('of the transfer that gave it back, on the chain of the payment'),
    reason: z.string().trim().min(1).max(500),
  })
  .register(apiSchemas, { id: 'ChainRefundRequest' });
