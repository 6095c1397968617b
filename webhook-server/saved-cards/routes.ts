import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { personOf, requireSelf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { listSavedCards } from './list-saved-cards.ts';
import { removeSavedCard } from './remove-saved-card.ts';

const cardPath = z.object({ payment_method_id: z.string().regex(/^\w{1,255}$/) });

/** A person's own cards at Stripe. */
export function savedCardRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  const path = '/user/:user_id/payment-methods';
  router.get(path, signedIn, limited, requireSelf, async (_request, response) => {
    response.json({ payment_methods: await listSavedCards(deps, personOf(response).userId) });
  });
  router.delete(`${path}/:payment_method_id`, signedIn, limited, requireSelf, async (request, response) => {
    const { payment_method_id: id } = parseInput(cardPath, request.params);
    const { userId } = personOf(response);
    await removeSavedCard(deps, userId, id);
    response.json({ payment_methods: await listSavedCards(deps, userId) });
  });
  return router;
}
