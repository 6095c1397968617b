import { z } from 'zod';
import {
  trackUsageRequest,
  trackUsageResponse,
  usageLimitsQuery,
  usageLimitsResponse,
  usageSummaryQuery,
  usageSummaryResponse,
} from '../../shared/api/usage.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { trackUsage } from './track-usage.ts';

const summaryAnswer = z.discriminatedUnion('status', [
  usageSummaryResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.enum(['out_of_range', 'not_a_member']) }),
]);

const limitsAnswer = z.discriminatedUnion('status', [
  usageLimitsResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.literal('not_a_member') }),
]);

/** What is used, told by those who serve it, and shown to those who pay for it. */
export const usageRoutes = [
  route({
    operationId: 'trackUsage',
    tag: 'internal',
    method: 'post',
    path: '/usage/track',
    access: 'service',
    summary: 'Report what somebody used',
    description:
      'Up to 100 events of one person, each answered by its key. What is charged is said by who serves it, never by who uses it. ' +
      'Harmless to repeat, as a whole or in parts, with the same `key` and `occurred_at`.',
    body: trackUsageRequest,
    bodyLimit: '512kb',
    answer: trackUsageResponse,
    faults: ['unknown_user', 'forbidden'],
    async handle({ deps: { database }, body }) {
      const { user_id: userId, tenant_id: tenantId = null, events } = body;
      return { events: await trackUsage(database, { userId, tenantId, events }) };
    },
  }),
  route({
    operationId: 'readUsageSummary',
    tag: 'usage',
    method: 'get',
    path: '/usage/summary',
    access: 'person',
    summary: 'What you used, or a tenant of yours: by hour, day, kind, tool or person',
    description:
      'Exact to the last event. Of a tenant a member sees their own part; owner and billing see all.',
    query: usageSummaryQuery,
    answer: usageSummaryResponse,
    faults: ['forbidden'],
    async handle({ deps: { database }, userId, query }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: (query.tenant_id ?? null) as string,
        p_from: query.from,
        p_to: query.to,
        p_by: query.by,
      };
      const answer = await callFunction(database, 'usage_summary', args, summaryAnswer);
      if (answer.status === 'ok') return { scope: answer.scope, rows: answer.rows };
      if (answer.status === 'not_a_member') throw new Fault('forbidden', 'You do not belong to this tenant.');
      throw new Fault('invalid_request', 'to: must be 1 to 400 days after from, or 31 by hour');
    },
  }),
  route({
    operationId: 'readUsageLimits',
    tag: 'usage',
    method: 'get',
    path: '/usage/limits',
    access: 'person',
    summary: 'What the plan of a tenant allows, and what was spent of it today and this month',
    query: usageLimitsQuery,
    answer: usageLimitsResponse,
    faults: ['forbidden'],
    async handle({ deps: { database }, userId, query }) {
      const args = { p_user_id: userId, p_tenant_id: query.tenant_id };
      const answer = await callFunction(database, 'usage_limits', args, limitsAnswer);
      if (answer.status === 'not_a_member') throw new Fault('forbidden', 'You do not belong to this tenant.');
      const { status: _, ...limits } = answer;
      return limits;
    },
  }),
];
