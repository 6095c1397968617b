import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { autoTopUpRequest, autoTopUpResponse } from '../../shared/api/auto-top-up.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { personOf, requireSelf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { setAutoTopUp } from './set-auto-top-up.ts';

/** A person's own automatic top-up. */
export function autoTopUpRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const { database, logger } = deps;
  const router = Router();
  const path = '/user/:user_id/auto-top-up';
  const read = (userId: string) =>
    callFunction(database, 'read_auto_top_up', { p_user_id: userId }, autoTopUpResponse);

  router.get(path, signedIn, requireSelf, async (_request, response) => {
    response.json(await read(personOf(response).userId));
  });
  router.post(path, signedIn, limited, requireSelf, async (request, response) => {
    const terms = parseInput(autoTopUpRequest, request.body);
    const { userId } = personOf(response);
    await setAutoTopUp(deps, userId, terms);
    const { package_id, threshold_seconds, monthly_cap_cents } = terms;
    const line = { user_id: userId, package_id, threshold_seconds, monthly_cap_cents };
    logger.info(line, 'a person consented to automatic top-up');
    response.json(await read(userId));
  });
  router.post(`${path}/disable`, signedIn, limited, requireSelf, async (_request, response) => {
    const { userId } = personOf(response);
    const answer = z.object({ status: z.string() });
    await callFunction(database, 'disable_auto_top_up', { p_user_id: userId }, answer);
    response.json(await read(userId));
  });
  return router;
}
