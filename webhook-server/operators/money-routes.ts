import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import {
  operatorQuery,
  refundRequest,
  reviewRequest,
  stripeEventsQuery,
} from '../../shared/api/money-operations.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { idempotencyKeyOf, OPERATORS_KEY_LENGTH } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { listFindings, listReviews, listStripeEvents } from './list-money.ts';
import { refundPurchase } from './refund-purchase.ts';
import { replayStripeEvent } from './replay-stripe-event.ts';
import { requireOperator } from './require-operator.ts';
import { resolveReview } from './resolve-review.ts';

const eventPath = z.object({ event_id: z.string().min(1).max(255) });
const purchasePath = z.object({ purchase_id: z.uuid().toLowerCase() });

/** What operators do about money: refunds, reviews, and events that could not be applied. */
export function moneyRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const router = Router();
  const operator = [signedIn, limited, requireOperator(deps)];

  router.get('/operator/stripe-events', ...operator, async (request, response) => {
    const { status, limit } = parseInput(stripeEventsQuery, request.query);
    response.json({ events: await listStripeEvents(deps, status, limit) });
  });

  router.post('/operator/stripe-events/:event_id/replay', ...operator, async (request, response) => {
    const { event_id: eventId } = parseInput(eventPath, request.params);
    const { userId: operatorId } = personOf(response);
    response.json({ outcome: await replayStripeEvent(deps, { eventId, operatorId }) });
  });

  router.get('/operator/reviews', ...operator, async (request, response) => {
    const { limit } = parseInput(operatorQuery, request.query);
    response.json({ purchases: await listReviews(deps, limit) });
  });

  router.get('/operator/reconciliation', ...operator, async (request, response) => {
    const { limit } = parseInput(operatorQuery, request.query);
    response.json({ findings: await listFindings(deps, limit) });
  });

  router.post('/operator/purchases/:purchase_id/review', ...operator, async (request, response) => {
    const review = {
      ...parseInput(reviewRequest, request.body),
      purchaseId: parseInput(purchasePath, request.params).purchase_id,
      operatorId: personOf(response).userId,
    };
    response.json(await resolveReview(deps, review));
  });

  router.post('/operator/purchases/:purchase_id/refund', ...operator, async (request, response) => {
    const order = {
      ...parseInput(refundRequest, request.body),
      idempotencyKey: idempotencyKeyOf(request, OPERATORS_KEY_LENGTH),
      purchaseId: parseInput(purchasePath, request.params).purchase_id,
      operatorId: personOf(response).userId,
    };
    response.status(201).json(await refundPurchase(deps, order));
  });
  return router;
}
