import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const at = z.string().describe('RFC 3339');
const step = z.string().describe('RFC 3339, when the step begins');

/** Query of the figures of `GET /operator/board/…`. */
export const rangeQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }).describe('Of the range; full hours count.'),
  to: z.iso.datetime({ offset: true }).describe('The end, not in the range any more.'),
  step: z
    .enum(['hour', 'day', 'week', 'month'])
    .default('day')
    .describe(
      'What figures are given by: 8 days of hours, 367 of days, 10 years of weeks or months at most.',
    ),
  zone: z
    .string()
    .min(1)
    .max(64)
    .default('UTC')
    .describe('IANA name of the time zone whose days and months they are.'),
});
export type BoardRange = z.infer<typeof rangeQuery>;

export const businessQuery = rangeQuery.extend({
  basis: z
    .enum(['booked', 'happened'])
    .default('booked')
    .describe('Whether a refund counts when it was booked, or when what is refunded was sold.'),
});

const moneyRow = z.object({
  step,
  currency: z.string(),
  purchases: z.int(),
  declined: z.int().describe('automatic top-ups'),
  received_cents: z.int().describe('in the smallest unit of the currency, tax included'),
  tax_cents: z.int(),
  refunded_cents: z.int(),
  lost_cents: z.int().describe('in disputes'),
  sold_seconds: z.int(),
});
const feeRow = z.object({
  step,
  currency: z.string().describe('that was received'),
  fee_currency: z.string().describe('that the fee is in: of the account at Stripe'),
  payments: z.int().describe('of which the fee is known'),
  fee_cents: z.int().describe('in the smallest unit of the fee_currency'),
});
const packageRow = z.object({
  currency: z.string(),
  package_id: z.string(),
  way: z.enum(['own', 'gift', 'automatic']),
  purchases: z.int(),
  declined: z.int(),
  received_cents: z.int(),
  returned_cents: z.int(),
  sold_seconds: z.int(),
});
const timeRow = z.object({
  step,
  granted_paid_seconds: z.int(),
  given_seconds: z.int().describe('bonus, gifts of the house, goodwill and trials'),
  used_seconds: z.int(),
  expired_seconds: z.int(),
  breakage_seconds: z.int().describe('expired of what was paid for'),
  taken_back_seconds: z.int().describe('by refunds and disputes, less what came back'),
});
const callRow = z.object({
  step,
  calls: z.int(),
  charged_seconds: z.int(),
  provider_cost_micros: z.int(),
  calls_not_fully_priced: z.int(),
});
const earnedRow = z.object({
  step,
  reason: z.enum(['use', 'expire']),
  currency: z.string(),
  micros: z.int().describe('in millionths of the unit of the currency'),
});
const peopleOfStep = z.object({ step, people: z.int() });
const activeOfStep = peopleOfStep.extend({ returning: z.int() });
const cohortMonth = z.object({ month: z.string(), people: z.int() });

export const moneyFigures = z.object({
  steps: z.array(step),
  money: z.array(moneyRow),
  fees: z.array(feeRow).describe('what Stripe keeps of payments; those that are not here are not known'),
  packages: z.array(packageRow),
});
export const timeFigures = z.object({
  steps: z.array(step),
  time: z.array(timeRow),
  owed: z.array(z.object({ source: z.string(), seconds: z.int() })),
  waiting: z.array(z.object({ source: z.string(), cards: z.int(), seconds: z.int() })),
  calls: z.array(callRow),
  earned: z.array(earnedRow),
});
export const peopleFigures = z.object({
  steps: z.array(step),
  new: z.array(peopleOfStep),
  active: z.array(activeOfStep),
  in_range: z.object({ active: z.int(), returning: z.int() }),
});
export const retentionFigures = z.array(cohortMonth.extend({ active: z.array(cohortMonth) }));
export const trialFigures = z.object({ claimed: z.int(), talked: z.int(), bought: z.int() });

/** Answer of `GET /operator/board/business`. */
export const businessResponse = z
  .object({
    ...moneyFigures.shape,
    ...timeFigures.shape,
    people: peopleFigures.omit({ steps: true }),
    retention: retentionFigures.describe('of who signed up in each of the last 12 months'),
    trials: trialFigures.describe('free minutes that were claimed in the range'),
  })
  .register(apiSchemas, { id: 'BoardBusiness' });

const wait = z.object({
  whole_ms: z.int(),
  end_of_turn_ms: z.int(),
  llm_ms: z.int(),
  tts_ms: z.int(),
  other_ms: z.int().describe('what is left of the whole'),
});
const voiceRow = z.object({
  calls: z.int(),
  measured_calls: z.int(),
  turns: z.int(),
  unanswered_turns: z.int(),
  interruptions: z.int(),
  false_interruptions: z.int(),
  errors: z.int(),
  quality: z.int().nullable(),
  waits: z
    .object({ p50: wait, p95: wait, p99: wait })
    .partial()
    .describe('of turns, within 15 %; the parts of each add up to it. Empty without turns.'),
});

/** Answer of `GET /operator/board/voice`. */
export const voiceResponse = z
  .object({
    steps: z.array(step),
    all: voiceRow,
    by_step: z.array(voiceRow.extend({ step })),
    by_version: z.array(
      voiceRow.extend({ version: z.string().describe('of the agent; empty where not told') }),
    ),
    failures: z.array(z.object({ source: z.string(), failures: z.int() })),
    unpriced_models: z.array(z.string()),
  })
  .register(apiSchemas, { id: 'BoardVoice' });

/** Query of `GET /operator/board/calls`. */
export const boardCallsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }).describe('32 days after at most'),
  order: z.enum(['slow', 'errors', 'interrupted', 'quality']).default('slow').describe('Worst first.'),
  version: z.string().max(100).optional().describe('Only of this version of the agent.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Answer of `GET /operator/board/calls`. */
export const boardCallsResponse = z
  .object({
    calls: z.array(
      z.object({
        call_id: z.uuid(),
        user_id: z.uuid(),
        opened_at: at,
        charged_seconds: z.int(),
        turns: z.int().nullable(),
        interruptions: z.int().nullable(),
        errors: z.int().nullable(),
        latency_p50_ms: z.int().nullable(),
        latency_p95_ms: z.int().nullable(),
        quality: z.int().nullable(),
        end_reason: z.string().nullable(),
        version: z.string().nullable(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'BoardCalls' });

export type BusinessFigures = z.infer<typeof businessResponse>;
export type VoiceFigures = z.infer<typeof voiceResponse>;
export type Wait = z.infer<typeof wait>;
