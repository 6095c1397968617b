import express, { type RequestHandler, Router } from 'express';
import { createPaymentIntentRequest } from '../../shared/api/payments.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { BUYERS_KEY_LENGTH, idempotencyKeyOf } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { createPaymentIntent } from './create-payment-intent.ts';
import { hintOf } from './handled-events.ts';
import { createEventReceiver } from './receive-stripe-event.ts';
import { signingSecrets, verifyWebhook } from './verify-webhook.ts';

export function paymentRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const router = Router();
  router.post('/create-payment-intent', signedIn, limited, async (request, response) => {
    const idempotencyKey = idempotencyKeyOf(request, BUYERS_KEY_LENGTH);
    const body = parseInput(createPaymentIntentRequest, request.body);
    const intent = await createPaymentIntent(deps, {
      userId: personOf(response).userId,
      packageId: body.package_id,
      purpose: body.for,
      idempotencyKey,
      gift: { message: body.message, recipientName: body.recipient_name },
      keepCard: body.keep_card,
    });
    // 201 on a repeat too: the answer to a retry is the answer that got lost.
    response.status(201).json(intent);
  });
  return router;
}

/** Where Stripe tells of payments. Takes the body as bytes, so it belongs before any JSON parser. */
export function stripeWebhookRoutes(deps: Dependencies): Router {
  const router = Router();
  const raw = express.raw({ type: () => true, limit: '1mb' });
  const receive = createEventReceiver(deps);
  const secrets = signingSecrets(deps.config.STRIPE_WEBHOOK_SECRET);
  router.post('/webhooks/stripe', raw, async (request, response) => {
    const { stripe, now } = deps;
    const event = verifyWebhook({ stripe, secrets, now }, request.body, request.get('stripe-signature'));
    // Answered only after the transaction: an earlier 2xx would say that all is done when it is only stored.
    const outcome = await receive(hintOf(event), 'webhook');
    response.json({ received: true, outcome });
  });
  return router;
}
