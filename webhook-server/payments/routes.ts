import express, { type RequestHandler, Router } from 'express';
import { createPaymentIntentRequest } from '../../shared/api/payments.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { idempotencyKeyOf } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { applyStripeEvent } from './apply-stripe-event.ts';
import { createPaymentIntent } from './create-payment-intent.ts';
import { isPaymentEvent } from './fetch-payment.ts';
import { verifyWebhook } from './verify-webhook.ts';

/** As Stripe's own API takes it (https://docs.stripe.com/api/idempotent_requests). */
const MAX_KEY_LENGTH = 255;

export function paymentRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const router = Router();
  router.post('/create-payment-intent', signedIn, limited, async (request, response) => {
    const idempotencyKey = idempotencyKeyOf(request, MAX_KEY_LENGTH);
    const { package_id: packageId, for: purpose } = parseInput(createPaymentIntentRequest, request.body);
    const { userId } = personOf(response);
    const intent = await createPaymentIntent(deps, { userId, packageId, purpose, idempotencyKey });
    // 201 on a repeat too: the answer to a retry is the answer that got lost.
    response.status(201).json(intent);
  });
  return router;
}

/** Where Stripe tells of payments. Takes the body as bytes, so it belongs before any JSON parser. */
export function stripeWebhookRoutes(deps: Dependencies): Router {
  const router = Router();
  const raw = express.raw({ type: () => true, limit: '1mb' });
  router.post('/webhooks/stripe', raw, async (request, response) => {
    const { stripe, config, now } = deps;
    const event = verifyWebhook(
      { stripe, secret: config.STRIPE_WEBHOOK_SECRET, now },
      request.body,
      request.get('stripe-signature'),
    );
    // Only now, after the transaction: an earlier 2xx would end the retries of an event that then gets lost.
    const outcome = isPaymentEvent(event) ? await applyStripeEvent(deps, event, 'webhook') : 'ignored';
    response.json({ received: true, outcome });
  });
  return router;
}
