import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const timestamp = z.string().describe('RFC 3339');
const count = z.int().nonnegative();

const tenantQuery = {
  tenant_id: z.uuid().toLowerCase().optional().describe('For people; a key names its tenant.'),
};
export const apiPlanQuery = z.object(tenantQuery);

/** Answer of `GET /v1/api-plan`. */
export const apiPlanResponse = z
  .object({
    plan: z
      .object({
        id: z.string(),
        name: z.string(),
        base_price_cents: z.int().nullable().describe('Of a period.'),
        currency: z.string(),
      })
      .nullable()
      .describe('The free one where the tenant subscribes to none; null: none is for sale here.'),
    quota: z.object({
      limit: count.nullable().describe('Requests in the period; null: as many as you like.'),
      used: count,
      remaining: count.nullable(),
      period_start: timestamp,
      resets_at: timestamp.describe('RFC 3339; when the next period begins.'),
    }),
    rate: z.object({ per_minute: count, remaining: count }),
    keys: count.describe('Keys that hold.'),
    periods: z
      .array(
        z.object({
          period_start: timestamp,
          period_end: timestamp,
          plan_id: z.string().nullable(),
          used: count,
        }),
      )
      .describe('The last twelve before this one, newest first.'),
  })
  .register(apiSchemas, { id: 'ApiPlanResponse' });

export const apiUsageQuery = z.object({
  ...tenantQuery,
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }).describe('31 days after `from` at most by hour, else 400.'),
  by: z.enum(['hour', 'day', 'key']),
  key_id: z.uuid().optional().describe('Of this key only.'),
});

/** Answer of `GET /v1/api-usage`. */
export const apiUsageResponse = z
  .object({
    rows: z.array(
      z.object({
        at: timestamp.nullable().describe('When the hour or the day (UTC) begins.'),
        key_id: z.uuid().nullable(),
        served: count,
        over_quota: count.describe('Refused, as the quota of the period was spent.'),
        over_rate: count.describe('Refused, as there were too many in a minute.'),
        client_errors: count.describe('Of those served: answered by 4xx.'),
        server_errors: count.describe(
          'Of those served: failed by our doing, and not counted against the quota.',
        ),
      }),
    ),
  })
  .register(apiSchemas, { id: 'ApiUsageResponse' });

export const apiErrorsQuery = z.object({
  ...tenantQuery,
  days: z.coerce.number().int().min(1).max(400).default(30).describe('So many days of UTC, up to today.'),
});

/** Answer of `GET /v1/api-errors`. */
export const apiErrorsResponse = z
  .object({
    errors: z.array(
      z.object({
        day: z.string(),
        key_id: z.uuid(),
        code: z.string(),
        status: z.int(),
        count,
        last_at: timestamp,
        last_request_id: z.string().nullable(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'ApiErrorsResponse' });
