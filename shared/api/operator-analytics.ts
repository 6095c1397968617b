import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Query of `GET /operator/analytics`. */
export const operatorAnalyticsQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(30).describe('How many days back, today included.'),
});

const micros = z.int().describe('in millionths of a US dollar');

const operatorDaySchema = z
  .object({
    day: z.string().describe('YYYY-MM-DD, UTC, of the beginning of the calls'),
    calls: z.int().describe('settled ones'),
    measured_calls: z.int().describe('without those that the reaper settled, which have no measures'),
    charged_seconds: z.int(),
    turns: z.int(),
    interruptions: z.int(),
    errors: z.int(),
    latency_p50_ms: z.int().nullable().describe('median of the turns, within 15 %'),
    latency_p95_ms: z.int().nullable().describe('95th percentile of the turns, within 15 %'),
    quality: z.int().nullable().describe('mean, 0 to 100'),
    provider_cost_micros: micros,
    calls_not_fully_priced: z.int().describe('not measured, or with a model that has no price'),
    earned_micros: micros,
    margin_micros: micros,
  })
  .register(apiSchemas, { id: 'OperatorDay' });

/** Answer of `GET /operator/analytics`, oldest day first. */
export const operatorAnalyticsResponse = z
  .object({
    days: z.array(operatorDaySchema),
    unpriced_models: z.array(z.string()).describe('set their prices in PROVIDER_PRICES'),
    earned_in_other_currencies: z
      .record(z.string(), z.int())
      .describe('by currency, in millionths of its unit; in no margin, as provider prices are in US dollars'),
  })
  .register(apiSchemas, { id: 'OperatorAnalytics' });

export type OperatorAnalytics = z.infer<typeof operatorAnalyticsResponse>;
