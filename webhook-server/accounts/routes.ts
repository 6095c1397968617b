import { type RequestHandler, Router } from 'express';
import type { Dependencies } from '../dependencies.ts';
import { readAnalytics } from './read-analytics.ts';
import { readBalance } from './read-balance.ts';
import { personOf, requireSelf } from './require-person.ts';

export function accountRoutes(deps: Dependencies, signedIn: RequestHandler): Router {
  const router = Router();
  router.get('/user/:user_id/balance', signedIn, requireSelf, async (_request, response) => {
    response.json(await readBalance(deps, personOf(response).userId));
  });
  router.get('/user/:user_id/analytics', signedIn, requireSelf, async (_request, response) => {
    response.json(await readAnalytics(deps.database, personOf(response).userId));
  });
  return router;
}
