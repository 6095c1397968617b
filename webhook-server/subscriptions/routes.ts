import { z } from 'zod';
import {
  beginSubscriptionRequest,
  changeSubscriptionRequest,
  stripePageResponse,
  subscriptionQuery,
  subscriptionResponse,
  tenantPlansResponse,
} from '../../shared/api/subscriptions.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { pageUrlOf } from '../payments/page-url.ts';
import {
  beginSubscription,
  cancelSubscription,
  changeSubscription,
  openPortal,
  readBilling,
} from './tenant-billing.ts';

const one = {
  tag: 'tenants',
  access: 'person',
  path: '/tenants/:tenant_id/subscription',
  params: z.object({ tenant_id: z.uuid().toLowerCase() }),
} as const;
const OFFER = 'id, name, kind, currency, seat_price_cents, monthly_minutes, calls_at_once, features' as const;
const faults = ['not_found', 'forbidden', 'payment_provider_unavailable'] as const;

/** What a tenant subscribes to: for its owners, and for who does its billing. */
export const subscriptionRoutes = [
  route({
    operationId: 'listTenantPlans',
    tag: 'tenants',
    method: 'get',
    path: '/tenant-plans',
    access: 'person',
    summary: 'The plans that a tenant can subscribe to',
    answer: tenantPlansResponse,
    async handle({ deps }) {
      const offers = deps.database.from('plans').select(OFFER).eq('active', true).eq('line', 'time');
      const { data, error } = await offers.order('seat_price_cents').order('id');
      if (error) throw databaseFault('plans', error);
      return { plans: data };
    },
  }),
  route({
    ...one,
    operationId: 'readSubscription',
    method: 'get',
    summary: 'What a tenant subscribes to',
    query: subscriptionQuery,
    answer: subscriptionResponse,
    faults: ['not_found', 'forbidden'],
    async handle({ deps, userId, params, query }) {
      const { subscription } = await readBilling(deps, {
        userId,
        tenantId: params.tenant_id,
        line: query.line,
      });
      return { subscription };
    },
  }),
  route({
    ...one,
    operationId: 'beginSubscription',
    method: 'post',
    summary: 'Subscribe to a plan, on a page of Stripe',
    description:
      'In the line of the plan. It holds when Stripe has the first payment. The same key answers the same page.',
    idempotency: {
      names: 'Names the page: new for each, the same for a retry.',
      maxLength: BUYERS_KEY_LENGTH,
    },
    body: beginSubscriptionRequest,
    status: 201,
    answer: stripePageResponse,
    faults: [...faults, 'purchase_closed'],
    async handle({ deps, userId, params, body, idempotencyKey, request }) {
      const url = await beginSubscription(deps, {
        ...{ userId, tenantId: params.tenant_id, idempotencyKey },
        planId: body.plan_id,
        seats: body.seats ?? 1,
        pageUrl: pageUrlOf(deps.config, request),
      });
      return { url };
    },
  }),
  route({
    ...one,
    operationId: 'changeSubscription',
    method: 'patch',
    summary: 'Another plan, or another number of seats',
    description:
      'To a plan of the same line, prorated by the second. What was used by meters of the old plan is billed at once.',
    query: subscriptionQuery,
    body: changeSubscriptionRequest,
    answer: subscriptionResponse,
    faults: [...faults],
    async handle({ deps, userId, params, query, body }) {
      const asked = { userId, tenantId: params.tenant_id, line: query.line };
      await changeSubscription(deps, { ...asked, planId: body.plan_id, seats: body.seats });
      const { subscription } = await readBilling(deps, asked);
      return { subscription };
    },
  }),
  route({
    ...one,
    operationId: 'cancelSubscription',
    method: 'delete',
    summary: 'End the subscription with the period that is paid',
    query: subscriptionQuery,
    answer: subscriptionResponse,
    faults: [...faults],
    async handle({ deps, userId, params, query }) {
      const asked = { userId, tenantId: params.tenant_id, line: query.line };
      await cancelSubscription(deps, asked);
      const { subscription } = await readBilling(deps, asked);
      return { subscription };
    },
  }),
  route({
    ...one,
    path: '/tenants/:tenant_id/billing-portal',
    operationId: 'openBillingPortal',
    method: 'post',
    summary: "A page of Stripe with the tenant's cards, invoices and subscription",
    status: 201,
    answer: stripePageResponse,
    faults: [...faults],
    async handle({ deps, userId, params, request }) {
      const pageUrl = pageUrlOf(deps.config, request);
      return { url: await openPortal(deps, { userId, tenantId: params.tenant_id, pageUrl }) };
    },
  }),
];
