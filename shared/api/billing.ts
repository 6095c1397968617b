import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const planCode = z
  .string()
  .regex(/^[A-Za-z0-9_]{1,50}$/)
  .describe('As `GET /plans` has it: `STARTER`, `PRO`, `ENTERPRISE`, …');
const day = z.iso.date();
const cents = z.int().describe('In the smallest unit of the currency');
const moment = z.string().nullable().describe('RFC 3339');
const tenantId = z.uuid().toLowerCase();

/** Query of what is about one subscription: a key says its tenant by itself. */
export const ofTenantQuery = z
  .object({ tenant_id: tenantId.optional() })
  .register(apiSchemas, { id: 'OfTenantQuery' });

/** Body of `POST /subscriptions`. */
export const beginPlanRequest = z
  .object({
    tenant_id: tenantId,
    plan_code: planCode,
    start_date: day
      .optional()
      .describe("A day of the tenant's time zone: today unless given, or one of the month before."),
    trial: z
      .boolean()
      .optional()
      .describe('Begin with the days that the plan may be tried; once for a tenant.'),
    address: z
      .object({
        country: z.string().regex(/^[A-Z]{2}$/),
        state: z.string().max(50).optional(),
        postal_code: z.string().max(20).optional(),
        city: z.string().max(100).optional(),
        line1: z.string().max(200).optional(),
      })
      .optional()
      .describe('Where the tenant is taxed.'),
  })
  .register(apiSchemas, { id: 'BeginPlanRequest' });

/** Answer of what begins, shows or changes a subscription to a plan with credits. */
export const planSubscriptionResponse = z
  .object({
    subscription_id: z.string(),
    tenant_id: z.string(),
    status: z.string().describe("Stripe's word: `trialing`, `active`, `past_due`, `incomplete`, …"),
    plan_code: z.string(),
    next_plan_code: z.string().nullable().describe('The smaller plan that the next period has'),
    current_period_start: moment,
    current_period_end: moment,
    cancel_at: moment,
    trial_end: moment,
    ended_at: moment,
    time_zone: z.string().describe('By whose midnight periods begin'),
    waiting_lines: z.array(
      z.object({ part: z.string(), amount_cents: cents, currency: z.string(), description: z.string() }),
    ),
    hosted_invoice_url: z.string().nullable().describe('Where its latest invoice is paid, if it is not'),
  })
  .register(apiSchemas, { id: 'PlanSubscriptionResponse' });

/** Body of what looks at, or makes, a change of the plan. */
export const changePlanRequest = z
  .object({
    tenant_id: tenantId.optional(),
    plan_code: planCode,
    proration_date: z
      .int()
      .positive()
      .optional()
      .describe('From the preview, in seconds since 1970: by it the invoice comes to what the preview said.'),
  })
  .register(apiSchemas, { id: 'ChangePlanRequest' });

/** Answer of `POST /subscriptions/:id/preview`. */
export const planPreviewResponse = z
  .object({
    direction: z.enum(['upgrade', 'downgrade']),
    effective_at: moment.describe('Now for a larger plan; a smaller one begins with the next period'),
    proration_date: z.int().nullable(),
    currency: z.string(),
    subtotal_cents: cents,
    tax_cents: cents,
    total_cents: cents,
    amount_due_cents: cents,
    lines: z.array(z.object({ description: z.string().nullable(), amount_cents: cents })),
    blockers: z
      .array(z.object({ what: z.enum(['sites', 'seats', 'assets']), has: z.int(), allows: z.int() }))
      .describe('What is more than the smaller plan takes'),
  })
  .register(apiSchemas, { id: 'PlanPreviewResponse' });

/** Body of `POST /subscriptions/:id/cancel`. */
export const cancelPlanRequest = z
  .object({
    tenant_id: tenantId.optional(),
    at: z
      .enum(['period_end', 'now'])
      .optional()
      .describe('`period_end` unless given. What was paid stays paid.'),
  })
  .register(apiSchemas, { id: 'CancelPlanRequest' });

const invoiceLine = z
  .looseObject({
    description: z.string().nullable(),
    quantity: z.number().nullable(),
    unit_amount: z.string().nullable(),
    amount: z.int(),
    part: z.string().nullable(),
    period_start: moment,
    period_end: moment,
  })
  .describe('As it is on the invoice');

export const billingInvoice = z
  .object({
    id: z.string(),
    subscription_id: z.string().nullable(),
    number: z.string().nullable(),
    status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void', 'deleted']),
    billing_reason: z.string().nullable(),
    period_start: moment.describe('Of what its base pays for, in advance'),
    period_end: moment,
    currency: z.string(),
    subtotal_cents: cents,
    tax_cents: cents,
    total_cents: cents,
    amount_due_cents: cents,
    amount_paid_cents: cents,
    credited_cents: cents,
    breakdown: z.object({
      base_cents: cents,
      assets_cents: cents,
      credits_cents: cents,
      gainshare_cents: cents,
      other_cents: cents,
      lines: z.array(invoiceLine),
    }),
    hosted_url: z.string().nullable(),
    pdf_url: z.string().nullable(),
    attempt_count: z.int(),
    next_attempt_at: moment,
    created_at: moment,
    finalized_at: moment,
    paid_at: moment,
  })
  .register(apiSchemas, { id: 'BillingInvoice' });

export const listInvoicesQuery = z.object({
  tenant_id: tenantId.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.iso.datetime().optional().describe('Only older ones: `created_at` of the last one of a page'),
});

export const invoicesResponse = z
  .object({ invoices: z.array(billingInvoice) })
  .register(apiSchemas, { id: 'InvoicesResponse' });

/** Body and answer of `POST /billing-invoice`. */
export const runInvoiceRequest = z
  .object({ tenant_id: tenantId.optional(), subscription_id: z.string().min(1).max(255) })
  .register(apiSchemas, { id: 'RunInvoiceRequest' });
export const runInvoiceResponse = z
  .object({
    invoice_id: z.string(),
    status: z.string(),
    currency: z.string(),
    total_cents: cents,
    total_cad: z.number().nullable().describe('With tax; null in another currency'),
    subtotal_cad: z.number().nullable(),
    stripe_hosted_url: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'RunInvoiceResponse' });
