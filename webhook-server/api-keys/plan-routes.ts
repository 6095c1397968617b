import { z } from 'zod';
import {
  apiErrorsQuery,
  apiErrorsResponse,
  apiPlanQuery,
  apiPlanResponse,
  apiUsageQuery,
  apiUsageResponse,
} from '../../shared/api/api-plans.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { allowanceSchema } from '../http/use-keys.ts';

const panel = {
  tag: 'API keys',
  access: 'member',
  scope: 'usage:read',
  role: 'billing',
  method: 'get',
} as const;

const planAnswer = z
  .object({ allowance: allowanceSchema, used: z.int() })
  .extend(apiPlanResponse.pick({ plan: true, keys: true, periods: true }).shape)
  .nullable();
const usageAnswer = z.discriminatedUnion('status', [
  apiUsageResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.literal('out_of_range') }),
]);

/** What programs of a tenant may ask for and did ask for: for them, and for its owners and who does its billing. */
export const apiPlanRoutes = [
  route({
    ...panel,
    operationId: 'readApiPlan',
    path: '/v1/api-plan',
    summary: 'The plan for requests by key, and what is left of it',
    query: apiPlanQuery,
    answer: apiPlanResponse,
    async handle({ deps, tenant }) {
      const args = { p_tenant_id: tenant.tenantId };
      const found = await callFunction(deps.database, 'read_api_plan', args, planAnswer);
      if (found === null) throw new Fault('not_found', 'You belong to no tenant with this id.');
      const { allowance, used, plan, keys, periods } = found;
      const { limit, remaining, period_start, resets_at } = allowance;
      return {
        ...{ plan, keys, periods },
        quota: { limit, used, remaining, period_start, resets_at },
        rate: { per_minute: allowance.per_minute, remaining: allowance.remaining_in_minute },
      };
    },
  }),
  route({
    ...panel,
    operationId: 'readApiUsage',
    path: '/v1/api-usage',
    summary: 'Requests by key over time: served, refused, and answered by errors',
    query: apiUsageQuery,
    answer: apiUsageResponse,
    async handle({ deps, tenant, query }) {
      const args = {
        ...{ p_tenant_id: tenant.tenantId, p_from: query.from, p_to: query.to, p_by: query.by },
        ...(query.key_id !== undefined && { p_key_id: query.key_id }),
      };
      const answer = await callFunction(deps.database, 'read_api_usage', args, usageAnswer);
      if (answer.status === 'ok') return { rows: answer.rows };
      throw new Fault(
        'invalid_request',
        'to: must be later than from, by 31 days at most by hour, else by 400',
      );
    },
  }),
  route({
    ...panel,
    operationId: 'readApiErrors',
    path: '/v1/api-errors',
    summary: 'By which errors requests by key were answered, by day',
    query: apiErrorsQuery,
    answer: apiErrorsResponse,
    async handle({ deps, tenant, query }) {
      const args = { p_tenant_id: tenant.tenantId, p_days: query.days };
      const { errors } = apiErrorsResponse.shape;
      return { errors: await callFunction(deps.database, 'read_api_errors', args, errors) };
    },
  }),
];
