import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Query of `GET /user/:user_id/calls` and `GET /tenants/:tenant_id/calls`. */
export const callsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many at most.'),
  before: z.uuid().optional().describe('The `next` of the page before.'),
});

const callSummary = z
  .object({
    call_id: z.uuid(),
    tenant_id: z.uuid().nullable().describe('the tenant whose time it used; null for one’s own'),
    opened_at: z.string(),
    ended_at: z.string().nullable(),
    status: z.enum(['open', 'settled']),
    end_reason: z.string().nullable(),
    charged_seconds: z.int().nullable(),
    receipt_number: z.int().nullable(),
    turns: z.int().nullable().describe('null for a call that was not measured'),
    latency_p50_ms: z.int().nullable().describe('median response time'),
    quality: z.int().nullable().describe('0 to 100'),
  })
  .register(apiSchemas, { id: 'CallSummary' });

/** Answer of `GET /user/:user_id/calls`, newest first. */
export const callsResponse = z
  .object({
    calls: z.array(callSummary),
    next: z.uuid().nullable().describe('pass it as `before` for the next page; null on the last one'),
  })
  .register(apiSchemas, { id: 'CallsResponse' });

const tenantCall = callSummary
  .extend({
    user_id: z.uuid().optional().describe('who talked; for owners and billing'),
    display_name: z.string().optional(),
  })
  .register(apiSchemas, { id: 'TenantCall' });

/** Answer of `GET /tenants/:tenant_id/calls`, newest first. */
export const tenantCallsResponse = callsResponse
  .extend({ calls: z.array(tenantCall) })
  .register(apiSchemas, { id: 'TenantCallsResponse' });

/** A stretch of the call, in milliseconds since it began. */
const receiptWindow = z
  .object({
    reason: z.string(),
    billed: z.boolean(),
    from_ms: z.int(),
    to_ms: z.int(),
  })
  .register(apiSchemas, { id: 'ReceiptWindow' });

/** What was taken from one card, what is left on it, and what its time had cost. */
const receiptCard = z
  .object({
    card_id: z.uuid(),
    source: z.string(),
    seconds: z.int(),
    paid_seconds: z.int(),
    bonus_seconds: z.int(),
    remaining_seconds: z.int(),
    package_id: z.string().nullable(),
    expires_at: z.string().nullable(),
    tariff: z
      .object({ price_cents: z.int(), currency: z.string(), seconds: z.int() })
      .nullable()
      .describe('what the card had cost and how much time it had; null for one that was not bought'),
  })
  .register(apiSchemas, { id: 'ReceiptCard' });

/**
 * Answer of `GET /user/:user_id/calls/:call_id/receipt`, as `settle_call` wrote it. `hash` is over all other
 * fields (docs/receipts.md), and `previous_hash` is that of the person's receipt before.
 */
export const receiptResponse = z
  .object({
    call_id: z.uuid(),
    number: z.int(),
    opened_at: z.string(),
    ended_at: z.string(),
    end_reason: z.string(),
    settled_by: z.string(),
    used_ms: z.int(),
    restored_ms: z.int().describe('part of used_ms that was given back'),
    charged_seconds: z.int(),
    paid_seconds: z.int(),
    bonus_seconds: z.int(),
    rounding: z.string(),
    slices: z.object({ slice_seconds: z.int(), granted_seconds: z.int(), renewals: z.int() }),
    cards: z.array(receiptCard),
    windows: z.array(receiptWindow),
    balance_seconds: z.int(),
    paid_tools: z
      .array(z.object({ name: z.string(), calls: z.int(), charged_micros: z.int() }))
      .optional()
      .describe('what APIs of others cost in the call, in millionths of a dollar, from the wallet'),
    previous_hash: z.string().nullable(),
    hash: z.string(),
  })
  .register(apiSchemas, { id: 'Receipt' });

/** Query of the receipt's address. Without it, the `Accept` header decides. */
export const receiptQuery = z.strictObject({
  format: z.enum(['json', 'html']).optional().describe('Goes before the Accept header.'),
});

export type CallSummary = z.infer<typeof callSummary>;
export type CallsResponse = z.infer<typeof callsResponse>;
export type TenantCallsResponse = z.infer<typeof tenantCallsResponse>;
export type CallsQuery = z.infer<typeof callsQuery>;
export type Receipt = z.infer<typeof receiptResponse>;
