import { z } from 'zod';
import { apiSchemas } from './schemas.ts';
import { cardSchema } from './time-cards.ts';

/**
 * Answer of `GET /user/:user_id/balance`. `balance_seconds` is all that the person owns;
 * `held_seconds` of it are promised to live calls and not yet charged.
 */
export const balanceResponse = z
  .object({
    user_id: z.uuid(),
    balance_seconds: z.int(),
    held_seconds: z.int(),
    debt_seconds: z
      .int()
      .describe('time that was used and whose money went back; what is bought next pays it first'),
    cards: z.array(cardSchema),
  })
  .register(apiSchemas, { id: 'BalanceResponse' });

const dailyUsageSchema = z
  .object({
    day: z.string().describe('YYYY-MM-DD, UTC'),
    calls: z.int(),
    charged_seconds: z.int(),
  })
  .register(apiSchemas, { id: 'DailyUsage' });

/** What a call was like. Response times: from the end of what the caller said to the first sound of the answer. */
const measuredCallSchema = z
  .object({
    call_id: z.uuid(),
    opened_at: z.string(),
    turns: z.int(),
    interruptions: z.int().describe('answers that the caller cut short'),
    latency_p50_ms: z.int().nullable().describe('median response time; null where none was measured'),
    latency_p95_ms: z.int().nullable(),
    quality: z.int().nullable().describe('0 to 100: how well the machinery served the call'),
  })
  .register(apiSchemas, { id: 'MeasuredCall' });

/** Answer of `GET /user/:user_id/analytics`: the last 30 days by day, and totals of all time. */
export const analyticsResponse = z
  .object({
    user_id: z.uuid(),
    totals: z.object({
      calls: z.int(),
      charged_seconds: z.int(),
      average_call_seconds: z.int(),
      granted_seconds: z.int(),
      spent: z
        .array(z.object({ currency: z.string(), cents: z.int() }))
        .describe('by currency, less what went back; empty where nothing was paid'),
    }),
    days: z.array(dailyUsageSchema),
    conversation: z
      .object({
        measured_calls: z.int(),
        turns: z.int(),
        interruptions: z.int(),
        latency_p50_ms: z.int().nullable().describe('median of the medians of the calls'),
        quality: z.int().nullable().describe('mean'),
      })
      .describe('of all calls that were measured'),
    calls: z.array(measuredCallSchema).describe('the latest 30 that were measured, oldest first'),
    payments: z.array(
      z.object({
        purchase_id: z.uuid(),
        purpose: z.enum(['me', 'gift']),
        payment_intent_id: z.string().nullable(),
        package_id: z.string(),
        amount_cents: z.int().describe('the price'),
        currency: z.string().describe('of the price'),
        received_cents: z.int().nullable().describe('what was paid, tax included; null before it is'),
        received_currency: z.string().describe('of what was paid and of what went back'),
        refunded_cents: z.int(),
        disputed_cents: z.int().describe('under dispute now'),
        lost_cents: z.int().describe('went back by disputes'),
        status: z.string(),
        created_at: z.string(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'AnalyticsResponse' });

export type BalanceResponse = z.infer<typeof balanceResponse>;
export type MeasuredCall = z.infer<typeof measuredCallSchema>;
export type AnalyticsResponse = z.infer<typeof analyticsResponse>;
