import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const tenantId = z.uuid().toLowerCase();
const cents = z.int().describe("In hundredths of the currency's unit, before tax");

/** Answer of `GET /plans`. */
export const plansResponse = z
  .object({
    plans: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        base_price_cad: z.number(),
        included_assets: z.int(),
        included_credits: z.int(),
        asset_uplift_cad: z.number().nullable().describe('For each asset beyond; null: none may be beyond'),
        overage_per_credit_cad: z
          .number()
          .nullable()
          .describe('For each credit beyond; null: none is burned beyond'),
        max_sites: z.int().nullable(),
        max_seats: z.int().nullable(),
        trial_days: z.int(),
        assets_billed_by: z.enum(['average', 'latest', 'peak']),
      }),
    ),
    credit_rules: z
      .array(
        z.object({
          event_type: z.string(),
          unit: z.string(),
          credits_per_unit: z.number(),
          pieces_per_unit: z
            .int()
            .describe('So many tokens, frames … are one unit, and none of them is parted'),
        }),
      )
      .describe('What costs what today'),
  })
  .register(apiSchemas, { id: 'PlansResponse' });

/** Body of `POST /usage/track` from tenants: one event that burns credits. */
export const trackCreditsRequest = z
  .strictObject({
    tenant_id: tenantId,
    subscription_id: z.string().min(1).max(255).optional(),
    event_type: z.string().regex(/^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/),
    units: z
      .number()
      .positive()
      .max(1e9)
      .describe('In the unit of the rule: 0.5 of 1k_tokens are 500 tokens. Never round up'),
    meta: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    idempotency_key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Names the event: a repeat burns nothing and is answered the same. Also as a header, Idempotency-Key',
      ),
  })
  .register(apiSchemas, { id: 'TrackCreditsRequest' });

/** Answer to it. */
export const trackCreditsResponse = z
  .object({
    ok: z.literal(true),
    credits_burned: z.int(),
    remaining_credits: z.int().describe('Below zero: what was used beyond the credits of this period'),
    alert: z.enum(['LOW', 'OVERAGE']).nullable(),
  })
  .register(apiSchemas, { id: 'TrackCreditsResponse' });

const amounts = z
  .object({
    period_start: z.string(),
    period_end: z.string().nullable(),
    is_final: z.boolean(),
    is_trial: z.boolean(),
    plan_code: z.string(),
    currency: z.string(),
    base_cents: cents,
    assets: z.object({
      billed: z.int(),
      billed_by: z.string(),
      counted: z.string(),
      included: z.int(),
      extra: z.int(),
      unit_price_micros: z.int().nullable(),
      cents,
    }),
    credits: z.object({
      used: z.int(),
      included: z.int(),
      overage: z.int(),
      unit_price_micros: z.int().nullable(),
      cents,
    }),
    subtotal_cents: cents,
    chain: z.array(z.string()).describe('From the counts to the amount, line by line'),
  })
  .register(apiSchemas, { id: 'PeriodUsage' });

/** What a member may know; owners and billing see all. */
const creditsLeft = z.object({
  included: z.int(),
  used: z.int(),
  remaining: z.int(),
  overage: z.int(),
  alert: z.enum(['LOW', 'OVERAGE']).nullable(),
});

const asset = z.object({
  count: z.int(),
  site_breakdown: z.record(z.string(), z.int()),
  captured_at: z.string(),
});

/** Query of the monthly summary. */
export const creditMonths = z.coerce.number().int().min(1).max(36);

/** Answer of `GET /usage/summary` without days: credits, assets and amounts of a tenant. */
export const creditSummaryResponse = z
  .object({
    scope: z.literal('tenant'),
    tenant_id: z.uuid(),
    credits: creditsLeft,
    settings: z.object({ overage_cap_cents: z.int().nullable(), low_credits: z.int().nullable() }),
    subscription: z
      .object({
        id: z.string(),
        plan_code: z.string(),
        status: z.string(),
        current_period_start: z.string().nullable(),
        current_period_end: z.string().nullable(),
      })
      .nullable(),
    assets: asset.nullable(),
    so_far: amounts.nullable().describe('What this period comes to by now'),
    forecast: amounts.nullable().describe('What it will come to if it goes on like this'),
    months: z.array(
      z.object({
        month: z.string(),
        credits: z.int(),
        events: z.int(),
        by_event_type: z.array(
          z.object({
            event_type: z.string(),
            unit: z.string().nullable(),
            units: z.number(),
            credits: z.int(),
            events: z.int(),
          }),
        ),
      }),
    ),
  })
  .register(apiSchemas, { id: 'CreditSummaryResponse' });

/** Body of `PUT /credits/settings`. */
export const creditSettingsRequest = z
  .strictObject({
    tenant_id: tenantId,
    overage_cap_cents: z
      .int()
      .min(0)
      .max(1e12)
      .nullable()
      .describe('The most that overage of a period may cost; null: no cap'),
    low_credits: z
      .int()
      .min(0)
      .max(1e12)
      .nullable()
      .describe('At how many credits left the alert LOW comes; null: at a tenth of what the plan includes'),
  })
  .register(apiSchemas, { id: 'CreditSettingsRequest' });

/** Answer to it. */
export const creditSettingsResponse = z
  .object({ overage_cap_cents: z.int().nullable(), low_credits: z.int().nullable() })
  .register(apiSchemas, { id: 'CreditSettingsResponse' });

const count = z.int().min(0).max(10_000_000);
const site = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$/);

/** Body of `POST /assets/snapshots`. */
export const assetSnapshotRequest = z
  .strictObject({
    tenant_id: tenantId,
    asset_count: count,
    site_breakdown: z.record(site, count).optional(),
    captured_at: z.iso.datetime({ offset: true }).optional(),
  })
  .register(apiSchemas, { id: 'AssetSnapshotRequest' });

/** Answer to it. */
export const assetSnapshotResponse = z
  .object({
    id: z.uuid(),
    tenant_id: z.uuid(),
    asset_count: z.int(),
    site_breakdown: z.record(z.string(), z.int()),
    captured_at: z.string(),
    source: z.string(),
  })
  .register(apiSchemas, { id: 'AssetSnapshot' });

/** Answer of `POST /assets/import`. */
export const assetImportResponse = z
  .object({ recorded: z.int(), recorded_before: z.int() })
  .register(apiSchemas, { id: 'AssetImportResponse' });
