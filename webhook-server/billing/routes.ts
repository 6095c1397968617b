import { z } from 'zod';
import {
  beginPlanRequest,
  cancelPlanRequest,
  changePlanRequest,
  invoicesResponse,
  listInvoicesQuery,
  ofTenantQuery,
  planPreviewResponse,
  planSubscriptionResponse,
  runInvoiceRequest,
  runInvoiceResponse,
} from '../../shared/api/billing.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { beginPlan } from './begin-subscription.ts';
import { cancelPlan, changePlan, keepPlan, pausePlan, previewChange, resumePlan } from './change-plan.ts';
import { gainshareRoutes } from './gainshare-routes.ts';
import { readSubscription } from './read-subscription.ts';
import { runInvoices } from './run-invoices.ts';

const reading = { tag: 'tenants', access: 'member', scope: 'billing:read', role: 'billing' } as const;
const writing = { tag: 'tenants', access: 'member', scope: 'billing:write', role: 'billing' } as const;
const params = z.object({ subscription_id: z.string().min(1).max(255) });
const faults = ['not_found', 'payment_provider_unavailable'] as const;
const one = { ...writing, method: 'post', params, answer: planSubscriptionResponse } as const;
const ofTenant = { body: ofTenantQuery, bodyMayBeMissing: true } as const;

/** Plans with credits: subscribed to, changed, ended, and their invoices. By a key, or whoever does the billing. */
export const billingRoutes = [
  route({
    ...writing,
    operationId: 'beginPlan',
    method: 'post',
    path: '/subscriptions',
    summary: 'Subscribe to a plan with credits',
    description:
      'The saved card of the tenant pays at once. Without one it is `incomplete`, and can be paid at `hosted_invoice_url` for 23 hours. Asked again, it answers the same subscription.',
    body: beginPlanRequest,
    answer: planSubscriptionResponse,
    faults: [...faults, 'purchase_closed'],
    handle: ({ deps, tenant, body }) => beginPlan(deps, tenant.tenantId, body),
  }),
  route({
    ...reading,
    operationId: 'readPlanSubscription',
    method: 'get',
    path: '/subscriptions/:subscription_id',
    summary: 'A subscription to a plan with credits',
    params,
    query: ofTenantQuery,
    answer: planSubscriptionResponse,
    faults: ['not_found'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId } }) =>
      readSubscription(deps, { tenantId, subscriptionId }),
  }),
  route({
    ...writing,
    operationId: 'previewPlan',
    method: 'post',
    path: '/subscriptions/:subscription_id/preview',
    summary: 'What another plan would come to, and when it would begin',
    description: 'Changed by the same `proration_date`, the invoice comes to the same, to the cent.',
    params,
    body: changePlanRequest,
    answer: planPreviewResponse,
    faults: [...faults, 'too_late'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId }, body }) =>
      previewChange(deps, { tenantId, subscriptionId }, body.plan_code),
  }),
  route({
    ...one,
    operationId: 'changePlan',
    path: '/subscriptions/:subscription_id/change',
    summary: 'A larger plan now, when its difference is paid; a smaller one from the next period',
    body: changePlanRequest,
    faults: [...faults, 'too_late', 'plan_too_small'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId }, body }) =>
      changePlan(deps, { tenantId, subscriptionId }, body),
  }),
  route({
    ...one,
    ...ofTenant,
    operationId: 'keepPlan',
    path: '/subscriptions/:subscription_id/keep',
    summary: 'Take back a smaller plan that has not begun',
    faults: [...faults, 'too_late'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId } }) =>
      keepPlan(deps, { tenantId, subscriptionId }),
  }),
  route({
    ...one,
    operationId: 'cancelPlan',
    path: '/subscriptions/:subscription_id/cancel',
    summary: 'End it with the period that is paid, or now',
    body: cancelPlanRequest,
    bodyMayBeMissing: true,
    faults: [...faults, 'too_late'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId }, body }) =>
      cancelPlan(deps, { tenantId, subscriptionId }, body.at ?? 'period_end'),
  }),
  route({
    ...one,
    ...ofTenant,
    operationId: 'pausePlan',
    path: '/subscriptions/:subscription_id/pause',
    summary: 'Pause it: nothing is used and nothing is billed',
    description: 'What was paid for the rest of the period is taken off the next invoice.',
    faults: [...faults, 'too_late'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId } }) =>
      pausePlan(deps, { tenantId, subscriptionId }),
  }),
  route({
    ...one,
    ...ofTenant,
    operationId: 'resumePlan',
    path: '/subscriptions/:subscription_id/resume',
    summary: 'Go on with what was paused, in a period that begins now, or with what was to end',
    faults: [...faults, 'too_late'],
    handle: ({ deps, tenant: { tenantId }, params: { subscription_id: subscriptionId } }) =>
      resumePlan(deps, { tenantId, subscriptionId }),
  }),
  route({
    ...reading,
    operationId: 'listInvoices',
    method: 'get',
    path: '/billing/invoices',
    summary: 'The invoices of a tenant, each with what it is made of',
    query: listInvoicesQuery,
    answer: invoicesResponse,
    async handle({ deps: { database }, tenant, query }) {
      const args = {
        p_tenant_id: tenant.tenantId,
        p_limit: query.limit,
        ...(query.before !== undefined && { p_before: query.before }),
      };
      return {
        invoices: await callFunction(
          database,
          'list_billing_invoices',
          args,
          invoicesResponse.shape.invoices,
        ),
      };
    },
  }),
  route({
    ...writing,
    operationId: 'runInvoice',
    method: 'post',
    path: '/billing-invoice',
    summary: 'Bring the invoice of a subscription on, as the hourly run does',
    description:
      'What was used beyond the plan is put on its draft, once, however often it is asked for; the draft becomes final, and is paid, by itself. Answers the newest invoice.',
    body: runInvoiceRequest,
    answer: runInvoiceResponse,
    faults,
    async handle({ deps, tenant: { tenantId }, body: { subscription_id: subscriptionId } }) {
      await readSubscription(deps, { tenantId, subscriptionId });
      const invoice = await runInvoices(deps, subscriptionId);
      if (invoice === null) throw new Fault('not_found', 'There is no invoice of it yet.');
      const cad = (cents: number) => (invoice.currency === 'cad' ? cents / 100 : null);
      return {
        invoice_id: invoice.id,
        status: invoice.status ?? 'draft',
        currency: invoice.currency,
        total_cents: invoice.total,
        total_cad: cad(invoice.total),
        subtotal_cad: cad(invoice.subtotal),
        stripe_hosted_url: invoice.hosted_invoice_url ?? null,
      };
    },
  }),
  ...gainshareRoutes,
];
