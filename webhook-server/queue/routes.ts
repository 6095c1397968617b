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
import { route } from '../http/route.ts';

const givenUpSchema = parkedItemsResponse.shape.items;
const retryAnswer = z.union([retryItemResponse, z.object({ status: z.literal('unknown_item') })]);
const repairAnswer = z.union([repairCustomerResponse, z.object({ status: z.literal('unknown_user') })]);
const operators = { tag: 'operators', access: 'operator' } as const;

/** What operators do about jobs that were given up, and about people without a customer at Stripe. */
export const queueRoutes = [
  route({
    ...operators,
    operationId: 'listJobsGivenUp',
    method: 'get',
    path: '/operator/outbox/parked',
    summary: 'What was given up, newest first',
    description:
      'Jobs that failed at all their attempts, or for good: notices, customers at Stripe. An alarm was logged for each.',
    query: operatorListQuery,
    answer: parkedItemsResponse,
    handle: async ({ deps: { database }, query }) => ({
      items: await callFunction(database, 'list_given_up_jobs', { p_limit: query.limit }, givenUpSchema),
    }),
  }),
  route({
    ...operators,
    operationId: 'retryJob',
    method: 'post',
    path: '/operator/outbox/:item_id/retry',
    summary: 'Take a job up again that was given up, with all its attempts',
    params: z.object({ item_id: z.uuid().toLowerCase() }),
    answer: retryItemResponse,
    faults: ['not_found'],
    async handle({ deps: { database, logger }, params: { item_id }, userId }) {
      const answer = await callFunction(database, 'retry_job', { p_id: item_id }, retryAnswer);
      if (answer.status === 'unknown_item') throw new Fault('not_found', 'There is no such job.');
      const line = { job_id: item_id, operator_id: userId, outcome: answer.status };
      logger.info(line, 'an operator retried a job');
      return { status: answer.status };
    },
  }),
  route({
    ...operators,
    operationId: 'listPeopleWithoutCustomer',
    method: 'get',
    path: '/operator/people-without-customer',
    summary: 'Who has no customer at Stripe, longest first',
    query: operatorListQuery,
    answer: peopleWithoutCustomerResponse,
    handle: ({ deps: { database }, query }) => {
      const args = { p_limit: query.limit };
      return callFunction(database, 'list_people_without_customer', args, peopleWithoutCustomerResponse);
    },
  }),
  route({
    ...operators,
    operationId: 'repairCustomer',
    method: 'post',
    path: '/operator/users/:user_id/customer',
    summary: 'Make a person their customer at Stripe, if they have none',
    params: z.object({ user_id: z.uuid().toLowerCase() }),
    status: 202,
    answer: repairCustomerResponse,
    faults: ['not_found'],
    async handle({ deps: { database, logger }, params: { user_id }, userId }) {
      const answer = await callFunction(database, 'repair_customer', { p_user_id: user_id }, repairAnswer);
      if (answer.status === 'unknown_user') throw new Fault('not_found', 'There is no such person.');
      const line = { user_id, operator_id: userId, outcome: answer.status };
      logger.info(line, 'an operator repaired a customer');
      return { status: answer.status };
    },
  }),
];
