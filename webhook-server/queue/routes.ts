import { z } from 'zod';
import { reasonRequest } from '../../shared/api/board-people.ts';
import {
  dropItemResponse,
  mayReasonRequest,
  operatorListQuery,
  parkedItemsResponse,
  peopleWithoutCustomerResponse,
  repairCustomerResponse,
  retryItemResponse,
  tenantsWithoutCustomerResponse,
} from '../../shared/api/outbox.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { route } from '../http/route.ts';

const givenUpSchema = parkedItemsResponse.shape.items;
const decided = z.object({
  status: z.enum([
    'retried',
    'dropped',
    'waiting',
    'done',
    'unknown_item',
    'invalid_act',
    'not_an_operator',
    'own_affair',
  ]),
});
const repairAnswer = z.union([repairCustomerResponse, z.object({ status: z.literal('unknown_user') })]);

/** @throws Fault `not_found`, `forbidden`, `invalid_request`, `database_unavailable` */
async function decideJob(
  { database, logger }: Dependencies,
  decision: { jobId: string; decision: 'retry' | 'drop'; operatorId: string; reason: string },
) {
  const args = {
    p_id: decision.jobId,
    p_decision: decision.decision,
    p_operator_id: decision.operatorId,
    p_reason: decision.reason,
  };
  const { status } = await callFunction(database, 'decide_job', args, decided, { once: true });
  if (status === 'unknown_item') throw new Fault('not_found', 'There is no such job.');
  if (status === 'invalid_act') throw new Fault('invalid_request', 'Say why, in 1 to 500 characters.');
  if (status === 'not_an_operator') throw new Fault('forbidden', 'Only operators may do this.');
  if (status === 'own_affair')
    throw new Fault('forbidden', 'Ask another operator to decide about your own affairs.');
  const line = { job_id: decision.jobId, operator_id: decision.operatorId, outcome: status };
  logger.info(line, 'an operator decided about a job that was given up');
  return status;
}

const repairTenantAnswer = z.union([
  repairCustomerResponse,
  z.object({ status: z.literal('unknown_tenant') }),
]);
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
    body: mayReasonRequest,
    bodyMayBeMissing: true,
    answer: retryItemResponse,
    faults: ['not_found'],
    async handle({ deps, params: { item_id }, body: { reason = 'retried' }, userId }) {
      const asked = { jobId: item_id, decision: 'retry', operatorId: userId, reason } as const;
      return retryItemResponse.parse({ status: await decideJob(deps, asked) });
    },
  }),
  route({
    ...operators,
    operationId: 'dropJob',
    method: 'post',
    path: '/operator/outbox/:item_id/drop',
    summary: 'Let a job that was given up be for good, for a reason',
    description: "What it owed is not owed any more, under the same key, either. Never one's own.",
    params: z.object({ item_id: z.uuid().toLowerCase() }),
    body: reasonRequest,
    answer: dropItemResponse,
    faults: ['not_found'],
    async handle({ deps, params: { item_id }, body: { reason }, userId }) {
      const asked = { jobId: item_id, decision: 'drop', operatorId: userId, reason } as const;
      return dropItemResponse.parse({ status: await decideJob(deps, asked) });
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
    operationId: 'listTenantsWithoutCustomer',
    method: 'get',
    path: '/operator/tenants-without-customer',
    summary: 'Which tenants have no customer at Stripe, longest first',
    query: operatorListQuery,
    answer: tenantsWithoutCustomerResponse,
    handle: ({ deps: { database }, query }) => {
      const args = { p_limit: query.limit };
      return callFunction(database, 'list_tenants_without_customer', args, tenantsWithoutCustomerResponse);
    },
  }),
  route({
    ...operators,
    operationId: 'repairTenantCustomer',
    method: 'post',
    path: '/operator/tenants/:tenant_id/customer',
    summary: 'Make a tenant its customer at Stripe, if it has none',
    params: z.object({ tenant_id: z.uuid().toLowerCase() }),
    status: 202,
    answer: repairCustomerResponse,
    faults: ['not_found'],
    async handle({ deps: { database, logger }, params: { tenant_id }, userId }) {
      const args = { p_tenant_id: tenant_id };
      const answer = await callFunction(database, 'repair_tenant_customer', args, repairTenantAnswer);
      if (answer.status === 'unknown_tenant') throw new Fault('not_found', 'There is no such tenant.');
      const line = { tenant_id, operator_id: userId, outcome: answer.status };
      logger.info(line, "an operator repaired a tenant's customer");
      return { status: answer.status };
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
