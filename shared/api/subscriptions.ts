import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const planId = z.string().regex(/^[a-z0-9_-]{1,64}$/);
/** What a plan is of: a tenant subscribes once in each. */
export const planLine = z
  .enum(['time', 'credits', 'api'])
  .describe('Time to talk on, credits, or requests by API key: a tenant subscribes once in each.');

const seats = z.int().min(1).max(10_000).describe('Of a plan that is sold by the seat.');

/** Body of `POST /tenants/:tenant_id/subscription`. */
export const beginSubscriptionRequest = z
  .object({ plan_id: planId, seats: seats.optional() })
  .register(apiSchemas, { id: 'BeginSubscriptionRequest' });

/** Answer of `POST /tenants/:tenant_id/subscription` and `POST /tenants/:tenant_id/billing-portal`. */
export const stripePageResponse = z
  .object({ url: z.url().describe('A page of Stripe.') })
  .register(apiSchemas, { id: 'StripePageResponse' });

/** Body of `PATCH /tenants/:tenant_id/subscription`. */
export const changeSubscriptionRequest = z
  .object({ plan_id: planId.optional(), seats: seats.optional() })
  .refine((body) => body.plan_id !== undefined || body.seats !== undefined, {
    error: 'nothing is to be changed',
  })
  .register(apiSchemas, { id: 'ChangeSubscriptionRequest' });

/** Query of `GET`, `PATCH` and `DELETE /tenants/:tenant_id/subscription`. */
export const subscriptionQuery = z.object({ line: planLine.default('time') });

const subscription = z.object({
  id: z.string(),
  plan_id: z.string(),
  status: z.string().describe("Stripe's word: `active`, `past_due`, …"),
  seats: z.int().nullable(),
  current_period_end: z.string().nullable().describe('RFC 3339'),
  cancel_at: z.string().nullable().describe('RFC 3339; when it ends, where it was canceled'),
});

/** Answer of `GET /tenants/:tenant_id/subscription`, and of what changes it. */
export const subscriptionResponse = z
  .object({ subscription: subscription.nullable() })
  .register(apiSchemas, { id: 'SubscriptionResponse' });

const planOffer = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string().describe('`metered` or `seats`'),
  currency: z.string(),
  seat_price_cents: z.int().nullable().describe('of a plan that is sold by the seat, each month'),
  monthly_minutes: z.int().nullable().describe('minutes of calls that it brings each period'),
  calls_at_once: z.int(),
  features: z.array(z.string()).describe('premium tools that it opens'),
});

/** Answer of `GET /tenant-plans`. */
export const tenantPlansResponse = z
  .object({ plans: z.array(planOffer) })
  .register(apiSchemas, { id: 'TenantPlansResponse' });

export type PlanOffer = z.infer<typeof planOffer>;
export type TenantPlansResponse = z.infer<typeof tenantPlansResponse>;
export type StripePage = z.infer<typeof stripePageResponse>;
export type Subscription = z.infer<typeof subscription>;
