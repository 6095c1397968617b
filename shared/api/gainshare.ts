import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const tenantId = z.uuid().toLowerCase();
const metric = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/);
const day = z.iso.date();
const evidence = z.record(z.string(), z.unknown()).optional().describe('Where the figure comes from');
const cents = z.int();

/** Body of `POST /kpi-baselines`. */
export const baselineRequest = z
  .object({
    tenant_id: tenantId,
    metric,
    baseline_value: z.number().nonnegative(),
    cost_per_unit: z.number().nonnegative().describe('What one hour, failure or unit of the metric costs'),
    effective_from: day,
    unit: z.string().min(1).max(40).optional(),
    direction: z.enum(['up', 'down']).optional(),
    method: z.enum(['share_of_hours', 'failures', 'per_event', 'plain']).optional(),
    scheduled_hours: z.number().positive().optional(),
    max_savings_cents: cents.nonnegative().optional(),
    currency: z
      .string()
      .regex(/^[a-z]{3}$/)
      .optional(),
    evidence,
  })
  .register(apiSchemas, { id: 'BaselineRequest' });
export const baselineResponse = z
  .object({ baseline_id: z.uuid() })
  .register(apiSchemas, { id: 'BaselineResponse' });

/** Body of `POST /kpi-actuals`. */
export const actualRequest = z
  .object({
    tenant_id: tenantId,
    metric,
    period_start: day,
    period_end: day.describe('The last day, which is included'),
    value: z.number().nonnegative(),
    events: z.int().nonnegative().optional(),
    evidence,
  })
  .register(apiSchemas, { id: 'ActualRequest' });
export const actualResponse = z
  .object({ actual_id: z.uuid() })
  .register(apiSchemas, { id: 'ActualResponse' });

/** Body of `POST /billing-gainshare`. */
export const gainshareRequest = z
  .object({
    tenant_id: tenantId,
    period_start: day,
    period_end: day.describe('The last day, which is included'),
    share_pct: z.number().min(10).max(20),
    fee_cap_cents: cents.nonnegative().optional(),
    dispute_days: z.int().min(1).max(365).optional(),
  })
  .register(apiSchemas, { id: 'GainshareRequest' });

/** What a period saved, step by step, and what became of it. */
export const gainshareRun = z
  .object({
    gainshare_run_id: z.uuid(),
    tenant_id: z.uuid(),
    period_start: day,
    period_end: day,
    currency: z.string(),
    calculated_savings_cents: cents,
    fee_cents: cents,
    calculated_savings_cad: z.number().nullable(),
    fee_cad: z.number().nullable(),
    share_pct: z.number(),
    status: z.enum(['pending_approval', 'approved', 'rejected', 'disputed', 'withdrawn', 'invoiced']),
    dispute_until: z.string(),
    decided_at: z.string().nullable(),
    reason: z.string().nullable(),
    invoice_id: z.string().nullable(),
    snapshot_hash: z.string().describe('Of the whole chain: who decides says which one they saw'),
    chain: z.string(),
    created_at: z.string(),
    savings_breakdown: z.record(
      z.string(),
      z.looseObject({
        baseline: z.number(),
        actual: z.number(),
        improvement: z.number(),
        savings: z.number(),
        chain: z.string(),
      }),
    ),
    acts: z.array(
      z.object({
        act: z.string(),
        at: z.string(),
        actor_id: z.uuid().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'GainshareRun' });

export const gainshareRunsResponse = z
  .object({ runs: z.array(gainshareRun) })
  .register(apiSchemas, { id: 'GainshareRunsResponse' });

/** Body of `POST /gainshare-runs/:run_id/decision`. */
export const decideGainshareRequest = z
  .object({
    decision: z.enum(['approve', 'reject', 'dispute']),
    snapshot_hash: z.string().regex(/^[0-9a-f]{64}$/),
    reason: z.string().min(1).max(500).optional().describe('Needed to reject and to dispute'),
  })
  .register(apiSchemas, { id: 'DecideGainshareRequest' });
