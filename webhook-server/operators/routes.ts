import { z } from 'zod';
import { goodwillRequest, goodwillResponse } from '../../shared/api/goodwill.ts';
import {
  findingsResponse,
  operatorQuery,
  refundRequest,
  refundResponse,
  replayResponse,
  reviewRequest,
  reviewResponse,
  reviewsResponse,
  stripeEventsQuery,
  stripeEventsResponse,
} from '../../shared/api/money-operations.ts';
import {
  type OperatorAnalytics,
  operatorAnalyticsQuery,
  operatorAnalyticsResponse,
} from '../../shared/api/operator-analytics.ts';
import { mayReasonRequest } from '../../shared/api/outbox.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { OPERATORS_KEY_LENGTH, route } from '../http/route.ts';
import { grantGoodwill } from './grant-goodwill.ts';
import { listFindings, listReviews, listStripeEvents } from './list-money.ts';
import { refundPurchase } from './refund-purchase.ts';
import { replayStripeEvent } from './replay-stripe-event.ts';
import { resolveReview } from './resolve-review.ts';

/**
 * What calls were like, cost and earned, by day.
 * @throws Fault `database_unavailable`
 */
function readOperatorAnalytics({ database }: Dependencies, days: number): Promise<OperatorAnalytics> {
  const args = { p_days: days };
  return callFunction(database, 'operator_analytics', args, operatorAnalyticsResponse, { once: true });
}

const operators = { tag: 'operators', access: 'operator' } as const;
const ofOnePurchase = { ...operators, params: z.object({ purchase_id: z.uuid().toLowerCase() }) };

/** What operators see of all calls, and give. */
const analyticsAndGoodwill = [
  route({
    ...operators,
    operationId: 'readOperatorAnalytics',
    method: 'get',
    path: '/operator/analytics',
    summary: 'Calls, response time, quality, provider cost and margin, by day',
    description:
      'Cost is an estimate at list prices or PROVIDER_PRICES. Earned is what was received for the seconds charged, ' +
      'less tax, refunds and lost disputes; time that nobody paid for earns nothing. See docs/voice-measures.md.',
    query: operatorAnalyticsQuery,
    answer: operatorAnalyticsResponse,
    handle: ({ deps, query }) => readOperatorAnalytics(deps, query.days),
  }),
  route({
    ...operators,
    operationId: 'grantGoodwill',
    method: 'post',
    path: '/operator/users/:user_id/goodwill',
    summary: 'Give a person time, for a reason',
    description:
      'Only for people whose role is operator, and never to themselves. The time is a card of its own, valid ' +
      'for a year. The same key gives it once, with status 201 also on a repeat.',
    params: z.object({ user_id: z.uuid().toLowerCase() }),
    idempotency: { names: 'Names the grant, among those of this operator.', maxLength: OPERATORS_KEY_LENGTH },
    body: goodwillRequest,
    status: 201,
    answer: goodwillResponse,
    faults: ['not_found', 'idempotency_key_reused'],
    handle: ({ deps, params, body, idempotencyKey, userId }) =>
      grantGoodwill(deps, { ...body, idempotencyKey, userId: params.user_id, operatorId: userId }),
  }),
];

/** What operators do about Stripe's events that could not be applied, and where Stripe and the books differ. */
const stripeEventRoutes = [
  route({
    ...operators,
    operationId: 'listStripeEvents',
    method: 'get',
    path: '/operator/stripe-events',
    summary: 'Events of Stripe, newest first',
    description: 'Without a status: those that failed too often and wait for somebody to mend the cause.',
    query: stripeEventsQuery,
    answer: stripeEventsResponse,
    handle: async ({ deps, query }) => ({ events: await listStripeEvents(deps, query.status, query.limit) }),
  }),
  route({
    ...operators,
    operationId: 'replayStripeEvent',
    method: 'post',
    path: '/operator/stripe-events/:event_id/replay',
    summary: 'Apply an event again that was parked or ignored',
    params: z.object({ event_id: z.string().min(1).max(255) }),
    body: mayReasonRequest,
    bodyMayBeMissing: true,
    answer: replayResponse,
    faults: ['not_found', 'payment_provider_unavailable'],
    handle: async ({ deps, params, body: { reason }, userId }) => ({
      outcome: await replayStripeEvent(deps, { eventId: params.event_id, operatorId: userId, reason }),
    }),
  }),
  route({
    ...operators,
    operationId: 'listFindings',
    method: 'get',
    path: '/operator/reconciliation',
    summary: 'Where Stripe and the books differ, last seen first',
    description:
      'What comparing could heal is healed. These need a person; one that is not seen again is settled.',
    query: operatorQuery,
    answer: findingsResponse,
    handle: async ({ deps, query }) => ({ findings: await listFindings(deps, query.limit) }),
  }),
];

/** What operators do about single purchases. */
const purchaseRoutes = [
  route({
    ...operators,
    operationId: 'listReviews',
    method: 'get',
    path: '/operator/reviews',
    summary: 'Purchases whose money does not fit, oldest first',
    query: operatorQuery,
    answer: reviewsResponse,
    handle: async ({ deps, query }) => ({ purchases: await listReviews(deps, query.limit) }),
  }),
  route({
    ...ofOnePurchase,
    operationId: 'resolveReview',
    method: 'post',
    path: '/operator/purchases/:purchase_id/review',
    summary: 'Release or refuse a purchase under review, for a reason',
    description:
      'Released: the time is given. Refused: it is not, and what was received is refunded. Never for oneself.',
    body: reviewRequest,
    answer: reviewResponse,
    faults: ['not_found', 'purchase_closed', 'payment_provider_unavailable'],
    handle: ({ deps, params, body, userId }) =>
      resolveReview(deps, { ...body, purchaseId: params.purchase_id, operatorId: userId }),
  }),
  route({
    ...ofOnePurchase,
    operationId: 'refundPurchase',
    method: 'post',
    path: '/operator/purchases/:purchase_id/refund',
    summary: 'Refund a purchase, in full or in part, for a reason',
    description:
      'Takes the same share of its time back: from what its card still has first, then as debt, which later ' +
      'purchases pay. The same key refunds once, with status 201 also on a repeat. Never for oneself.',
    idempotency: {
      names: 'Names the refund, among those of this operator.',
      maxLength: OPERATORS_KEY_LENGTH,
    },
    body: refundRequest,
    status: 201,
    answer: refundResponse,
    faults: ['not_found', 'idempotency_key_reused', 'not_refundable', 'payment_provider_unavailable'],
    handle: ({ deps, params, body, idempotencyKey, userId }) =>
      refundPurchase(deps, {
        ...body,
        idempotencyKey,
        purchaseId: params.purchase_id,
        operatorId: userId,
      }),
  }),
];

export const operatorRoutes = [...analyticsAndGoodwill, ...stripeEventRoutes, ...purchaseRoutes];
