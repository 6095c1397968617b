import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { goodwillRequest } from '../../shared/api/goodwill.ts';
import { operatorAnalyticsQuery } from '../../shared/api/operator-analytics.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { idempotencyKeyOf, OPERATORS_KEY_LENGTH } from '../http/idempotency-key-of.ts';
import { parseInput } from '../http/parse-input.ts';
import { grantGoodwill } from './grant-goodwill.ts';
import { moneyRoutes } from './money-routes.ts';
import { readOperatorAnalytics } from './read-operator-analytics.ts';
import { requireOperator } from './require-operator.ts';

const personPath = z.object({ user_id: z.uuid().toLowerCase() });

export function operatorRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  const operator = requireOperator(deps);
  router.post('/operator/users/:user_id/goodwill', signedIn, limited, operator, async (request, response) => {
    const grant = {
      ...parseInput(goodwillRequest, request.body),
      idempotencyKey: idempotencyKeyOf(request, OPERATORS_KEY_LENGTH),
      userId: parseInput(personPath, request.params).user_id,
      operatorId: personOf(response).userId,
    };
    response.status(201).json(await grantGoodwill(deps, grant));
  });
  router.get('/operator/analytics', signedIn, limited, operator, async (request, response) => {
    const { days } = parseInput(operatorAnalyticsQuery, request.query);
    response.json(await readOperatorAnalytics(deps, days));
  });
  router.use(moneyRoutes(deps, signedIn, limited));
  return router;
}
