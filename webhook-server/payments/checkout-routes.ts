import { type RequestHandler, Router } from 'express';
import { createPaymentIntentRequest } from '../../shared/api/payments.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { idempotencyKeyOf } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { createCheckoutSession } from './create-checkout-session.ts';

/** As Stripe's own API takes it (https://docs.stripe.com/api/idempotent_requests). */
const MAX_KEY_LENGTH = 255;

/** Paying on a page of Stripe. */
export function checkoutRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  router.post('/create-checkout-session', signedIn, limited, async (request, response) => {
    const idempotencyKey = idempotencyKeyOf(request, MAX_KEY_LENGTH);
    const body = parseInput(createPaymentIntentRequest, request.body);
    const session = await createCheckoutSession(deps, {
      userId: personOf(response).userId,
      packageId: body.package_id,
      purpose: body.for,
      idempotencyKey,
      gift: { message: body.message, recipientName: body.recipient_name },
      pageUrl: deps.config.PUBLIC_URL ?? `${request.protocol}://${request.host}`,
    });
    response.status(201).json(session);
  });
  return router;
}
