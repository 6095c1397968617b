import { z } from 'zod';
import { creditSummaryResponse } from '../../shared/api/credits.ts';
import {
  summaryResponse,
  trackRequest,
  trackResponse,
  usageLimitsQuery,
  usageLimitsResponse,
  usageSummaryQuery,
  usageSummaryResponse,
} from '../../shared/api/usage.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { trackCredits } from '../credits/track-credits.ts';
import type { TenantCaller } from '../http/require-key.ts';
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

const creditsAnswer = z.discriminatedUnion('status', [
  creditSummaryResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.literal('unknown_tenant') }),
]);

/** Credits of a tenant by month, for whoever may see what it costs. */
async function readCredits(
  database: DatabaseClient,
  caller: TenantCaller,
  named: string | undefined,
  months: number,
) {
  const tenantId = caller.tenantId || named;
  if (tenantId === undefined) throw new Fault('invalid_request', 'tenant_id: is missing');
  if (caller.role === 'member') throw new Fault('role_missing');
  const args = { p_user_id: null as unknown as string, p_tenant_id: tenantId, p_months: months };
  const answer = await callFunction(database, 'credit_summary', args, creditsAnswer);
  if (answer.status !== 'ok') throw new Fault('not_found', 'There is no tenant with this id.');
  const { status: _, ...summary } = answer;
  return summary;
}

type Days = { userId: string; tenantId: string | undefined; from: string; to: string; by: string };

async function readDays(database: DatabaseClient, { userId, tenantId, from, to, by }: Days) {
  const args = {
    ...{ p_user_id: userId, p_tenant_id: (tenantId ?? null) as string },
    ...{ p_from: from, p_to: to, p_by: by },
  };
  const answer = await callFunction(database, 'usage_summary', args, summaryAnswer);
  if (answer.status === 'ok') return { scope: answer.scope, rows: answer.rows };
  if (answer.status === 'not_a_member') throw new Fault('forbidden', 'You do not belong to this tenant.');
  throw new Fault('invalid_request', 'to: must be 1 to 400 days after from, or 31 by hour');
}

/** What is used, told by those who serve it, and shown to those who pay for it. */
export const usageRoutes = [
  route({
    operationId: 'trackUsage',
    tag: 'usage',
    method: 'post',
    path: '/usage/track',
    access: 'known',
    scope: 'usage:write',
    role: 'billing',
    summary: 'Report what was used: an event that burns credits of a tenant, or what somebody used',
    description:
      'By a key of the tenant, its owners and billing, or a service: one event that burns credits. A repeat with the same key is answered ' +
      'what was answered, and burns nothing. By services only: up to 100 events of one person, each answered by its key; what is ' +
      'charged is said by who serves it, never by who uses it. Harmless to repeat, as a whole or in parts, with the same `key` and ' +
      '`occurred_at`.',
    headers: {
      'Idempotency-Key': {
        description: 'Names an event that burns credits: the same one for a retry.',
        maxLength: 200,
      },
    },
    body: trackRequest,
    bodyLimit: '512kb',
    answer: trackResponse,
    faults: ['unknown_user', 'forbidden', 'no_credits_left', 'overage_cap_reached', 'idempotency_key_reused'],
    async handle({ deps: { database }, body, userId, tenant, request }) {
      if (!('events' in body)) {
        const key = body.idempotency_key ?? request.get('idempotency-key')?.slice(0, 200);
        return trackCredits(database, { ...body, idempotency_key: key || undefined }, userId);
      }
      if (userId !== '' || tenant.keyId !== undefined)
        throw new Fault('forbidden', 'What somebody used is reported by our own services.');
      const { user_id, tenant_id: tenantId = null, events } = body;
      return { events: await trackUsage(database, { userId: user_id, tenantId, events }) };
    },
  }),
  route({
    operationId: 'readUsageSummary',
    tag: 'usage',
    method: 'get',
    path: '/usage/summary',
    access: 'known',
    scope: 'usage:read',
    summary: 'What was used: by hour, day, kind, tool or person; or the credits of a tenant by month',
    description:
      'With `from`, `to` and `by` it is what you used, or a tenant of yours, exact to the last event: a member sees their own part, owner ' +
      'and billing see all. Without them it is what a tenant has of credits and assets, what the period comes to so far and will come to, ' +
      'and its months: for owner, billing, and keys of the tenant.',
    query: usageSummaryQuery,
    answer: summaryResponse,
    faults: ['forbidden'],
    handle({ deps: { database }, userId, tenant, query }) {
      const { from, to, by, months } = query;
      if (from === undefined && to === undefined && by === undefined)
        return readCredits(database, tenant, query.tenant_id, months ?? 6);
      if (from === undefined || to === undefined || by === undefined)
        throw new Fault('invalid_request', 'from, to, by: all of them, or none');
      if (userId === '') throw new Fault('forbidden', 'What people used is shown to people.');
      return readDays(database, { userId, tenantId: query.tenant_id, from, to, by });
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
