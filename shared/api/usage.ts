import { z } from 'zod';
import { creditMonths, creditSummaryResponse, trackCreditsRequest, trackCreditsResponse } from './credits.ts';
import { apiSchemas } from './schemas.ts';

/** A name of a tool, a model or a server: no sentence. */
const name = z.string().regex(/^[A-Za-z0-9_.:@/-]{1,100}$/);
const MOST_AT_ONCE = 1_000_000_000;

/** What is billed; `tool_call` by the number of calls, the others by what their names say. */
export const usageKind = z.enum([
  'voice_second',
  'stt_second',
  'llm_input_token',
  'llm_cached_input_token',
  'llm_output_token',
  'tts_character',
  'tool_call',
]);

/** What can be reported; seconds of voice are told by the settlement of a call, and by nobody else. */
const reportedKind = usageKind.exclude(['voice_second']);

const metadata = z
  .record(
    z.string().regex(/^[A-Za-z]\w{0,63}$/),
    z.union([
      z.number().min(-1e12).max(1e12),
      z.boolean(),
      z.null(),
      z.string().regex(/^[A-Za-z][A-Za-z0-9_.:@/-]{0,99}$/),
    ]),
  )
  .describe('Figures and names only, never what somebody said; 2 KiB at most');

export const trackedEvent = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(255)
      .describe('Names the event among those of who pays; the same one for a retry'),
    occurred_at: z.iso.datetime({ offset: true }).describe('When it happened; the same one for a retry'),
    kind: reportedKind,
    quantity: z.int().min(1).max(MOST_AT_ONCE).describe('Seconds, tokens, characters or calls'),
    tool: name.optional().describe('Of a tool_call, and of nothing else'),
    server: name.optional(),
    provider: name.optional(),
    model: name.optional(),
    call_id: z.uuid().toLowerCase().optional().describe('A voice call of this person that it belongs to'),
    metadata: metadata.optional(),
  })
  .register(apiSchemas, { id: 'UsageEvent' });

/** Body of `POST /usage/track`. */
const trackUsageRequest = z
  .strictObject({
    user_id: z.uuid().toLowerCase().describe('Who used it'),
    tenant_id: z.uuid().toLowerCase().optional().describe('Who pays, unless the person does'),
    events: z.array(trackedEvent).min(1).max(100),
  })
  .register(apiSchemas, { id: 'TrackUsageRequest' });

/** Answer of `POST /usage/track`. */
export const trackUsageResponse = z
  .object({
    events: z.array(
      z.object({
        key: z.string(),
        status: z
          .enum(['recorded', 'duplicate', 'conflict', 'refused'])
          .describe('conflict: the key names another event already, also one of the month beside'),
        reason: z
          .string()
          .optional()
          .describe(
            'Of what is refused: too_old (400 days), in_the_future (5 minutes), or the field that is wrong',
          ),
      }),
    ),
  })
  .register(apiSchemas, { id: 'TrackUsageResponse' });

/** Body of `POST /usage/track`: what services report of a person, or one event of a tenant that burns credits. */
export const trackRequest = z
  .union([trackUsageRequest, trackCreditsRequest])
  .register(apiSchemas, { id: 'TrackRequest' });

/** Answer to it, in the form that was asked in. */
export const trackResponse = z
  .union([trackUsageResponse, trackCreditsResponse])
  .register(apiSchemas, { id: 'TrackResponse' });

/** Query of `GET /usage/summary`. */
export const usageSummaryQuery = z.strictObject({
  tenant_id: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe('Of a tenant that you belong to; without it, your own'),
  months: creditMonths.optional().describe('Without days: so many months of credits, 6 unless given'),
  from: z.iso
    .date()
    .optional()
    .describe('The first day, in UTC; without it, the credits of a tenant by month'),
  to: z.iso.date().optional().describe('The day after the last one: 31 days later at most by hour, else 400'),
  by: z.enum(['hour', 'day', 'kind', 'tool', 'person']).optional(),
});

const usageRow = z.object({
  at: z.string().optional().describe('RFC 3339: when the hour or the day begins'),
  user_id: z.uuid().optional(),
  kind: z.string(),
  tool: z.string().optional(),
  unit: z.string(),
  currency: z.string(),
  events: z.int(),
  quantity: z.int(),
  price_micros: z.int().describe("In millionths of the currency's unit"),
  events_without_price: z.int().describe('What has no price is not in the sum'),
});

/** Query of `GET /usage/limits`. */
export const usageLimitsQuery = z.strictObject({ tenant_id: z.uuid().toLowerCase() });

const spent = z
  .object({ spent_micros: z.int(), soft_micros: z.int().nullable(), hard_micros: z.int().nullable() })
  .describe("In millionths of the currency's unit; null is no limit. At the hard one nothing new begins");

/** Answer of `GET /usage/limits`. */
export const usageLimitsResponse = z
  .object({
    plan_id: z.string().nullable(),
    currency: z.string(),
    calls_at_once: z.int().nullable(),
    monthly_minutes: z.int().nullable(),
    requests_per_minute: z.int().nullable(),
    day: spent,
    month: spent,
  })
  .register(apiSchemas, { id: 'UsageLimitsResponse' });

/** Answer of `GET /usage/summary`. */
export const usageSummaryResponse = z
  .object({
    scope: z
      .enum(['own', 'tenant'])
      .describe('A member of a tenant sees their own part; owner and billing see all'),
    rows: z.array(usageRow),
  })
  .register(apiSchemas, { id: 'UsageSummaryResponse' });

/** Answer of `GET /usage/summary`: of days where it was asked for days, else of months. */
export const summaryResponse = z
  .union([usageSummaryResponse, creditSummaryResponse])
  .register(apiSchemas, { id: 'SummaryResponse' });
export type UsageRow = z.infer<typeof usageRow>;
export type UsageLimits = z.infer<typeof usageLimitsResponse>;
