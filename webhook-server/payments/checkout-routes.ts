import { type RequestHandler, Router } from 'express';
import { createPaymentIntentRequest } from '../../shared/api/payments.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { BUYERS_KEY_LENGTH, idempotencyKeyOf } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { createCheckoutSession } from './create-checkout-session.ts';

/** Paying on a page of Stripe. */
export function checkoutRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  router.post('/create-checkout-session', signedIn, limited, async (request, response) => {
    const idempotencyKey = idempotencyKeyOf(request, BUYERS_KEY_LENGTH);
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
