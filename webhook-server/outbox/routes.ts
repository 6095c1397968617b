import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import {
  operatorListQuery,
  parkedItemsResponse,
  peopleWithoutCustomerResponse,
  repairCustomerResponse,
  retryItemResponse,
} from '../../shared/api/outbox.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { requireOperator } from '../operators/require-operator.ts';

const itemPath = z.object({ item_id: z.uuid().toLowerCase() });
const personPath = z.object({ user_id: z.uuid().toLowerCase() });
const parkedSchema = parkedItemsResponse.shape.items;
const retryAnswer = z.union([retryItemResponse, z.object({ status: z.literal('unknown_item') })]);
const repairAnswer = z.union([repairCustomerResponse, z.object({ status: z.literal('unknown_user') })]);

/** For operators: what the outbox gave up, and who has no customer at Stripe. */
export function outboxRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const { database, logger } = deps;
  const router = Router();
  const operator = [signedIn, limited, requireOperator(deps)];

  router.get('/operator/outbox/parked', ...operator, async (request, response) => {
    const { limit } = parseInput(operatorListQuery, request.query);
    const items = await callFunction(database, 'list_parked_outbox_items', { p_limit: limit }, parkedSchema);
    response.json({ items } satisfies z.infer<typeof parkedItemsResponse>);
  });

  router.post('/operator/outbox/:item_id/retry', ...operator, async (request, response) => {
    const { item_id } = parseInput(itemPath, request.params);
    const answer = await callFunction(database, 'retry_outbox_item', { p_id: item_id }, retryAnswer);
    if (answer.status === 'unknown_item') throw new Fault('not_found', 'There is no such outbox item.');
    const line = { item_id, operator_id: personOf(response).userId, outcome: answer.status };
    logger.info(line, 'an operator retried an outbox item');
    response.json(answer);
  });

  router.get('/operator/people-without-customer', ...operator, async (request, response) => {
    const { limit } = parseInput(operatorListQuery, request.query);
    const args = { p_limit: limit };
    response.json(
      await callFunction(database, 'list_people_without_customer', args, peopleWithoutCustomerResponse),
    );
  });

  router.post('/operator/users/:user_id/customer', ...operator, async (request, response) => {
    const { user_id } = parseInput(personPath, request.params);
    const answer = await callFunction(database, 'repair_customer', { p_user_id: user_id }, repairAnswer);
    if (answer.status === 'unknown_user') throw new Fault('not_found', 'There is no such person.');
    const line = { user_id, operator_id: personOf(response).userId, outcome: answer.status };
    logger.info(line, 'an operator repaired a customer');
    response.status(202).json(answer);
  });
  return router;
}
