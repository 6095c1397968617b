import { type RequestHandler, Router } from 'express';
import { activateRequest } from '../../shared/api/time-cards.ts';
import { personOf, requireSelf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { addressOf } from '../http/address-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { activateCard } from './activate-card.ts';
import { listGifts } from './list-gifts.ts';

export function timeCardRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  router.post('/activate', signedIn, limited, async (request, response) => {
    const { code } = parseInput(activateRequest, request.body);
    const { userId } = personOf(response);
    response.json(await activateCard(deps, { userId, input: code, address: addressOf(request) }));
  });
  router.get('/user/:user_id/gifts', signedIn, requireSelf, async (_request, response) => {
    response.json({ gifts: await listGifts(deps, personOf(response).userId) });
  });
  return router;
}
