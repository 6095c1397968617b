import { z } from 'zod';
import { ofTenantQuery } from '../../shared/api/billing.ts';
import {
  actualRequest,
  actualResponse,
  baselineRequest,
  baselineResponse,
  decideGainshareRequest,
  gainshareRequest,
  gainshareRun,
  gainshareRunsResponse,
} from '../../shared/api/gainshare.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { askerOf } from '../base/ask-function.ts';
import { route } from '../http/route.ts';

const REFUSALS = {
  not_an_operator: ['forbidden', 'Only operators may do this.'],
  unknown_tenant: ['not_found', 'There is no such tenant.'],
  unknown_run: ['not_found', 'There is no such run.'],
  not_allowed: ['role_missing'],
  own_affair: ['forbidden', 'Whoever ran it does not decide about it.'],
  another_run: ['price_changed', 'It was run anew since: look at it again, and decide about that one.'],
  too_late: ['too_late'],
  overlaps: ['too_late', 'Some of these days were measured, or agreed to, already.'],
  has_another: [
    'too_late',
    'This metric has another baseline of that day. One that is new begins on a later day.',
  ],
  nothing_measured: ['invalid_request', 'Nothing was measured in that period that has a baseline.'],
  several_currencies: ['invalid_request', 'The baselines are of several currencies.'],
  invalid_run: ['invalid_request'],
  invalid_baseline: [
    'invalid_request',
    'A metric that is not known says its unit, direction and method, and its hours.',
  ],
  invalid_actual: ['invalid_request'],
  invalid_decision: ['invalid_request', 'Say why.'],
} as const;

const ask = askerOf(REFUSALS);
const operator = { tag: 'operators', access: 'operator' } as const;
const found = z.object({ run: gainshareRun });

/** What is measured, worked out and agreed to. supabase/README.md has the rules. */
export const gainshareRoutes = [
  route({
    ...operator,
    operationId: 'addKpiBaseline',
    method: 'post',
    path: '/kpi-baselines',
    summary: 'What a metric was before, with its evidence',
    description:
      'Unit, direction, method and scheduled hours of availability, mtbf, mttr, inventory and overtime are known. Hours that are not given are shown as assumed.',
    body: baselineRequest,
    status: 201,
    answer: baselineResponse,
    faults: ['not_found', 'too_late'],
    async handle({ deps, userId, body: { tenant_id, ...baseline } }) {
      const args = { p_operator_id: userId, p_tenant_id: tenant_id, p_baseline: baseline };
      const { baseline_id } = await ask(deps, 'add_kpi_baseline', args, baselineResponse);
      return { baseline_id };
    },
  }),
  route({
    ...operator,
    operationId: 'addKpiActual',
    method: 'post',
    path: '/kpi-actuals',
    summary: 'What was measured in a stretch of days',
    description: 'The same stretch again, with another value, corrects it.',
    body: actualRequest,
    status: 201,
    answer: actualResponse,
    faults: ['not_found', 'too_late'],
    async handle({ deps, userId, body: { tenant_id, ...actual } }) {
      const args = { p_operator_id: userId, p_tenant_id: tenant_id, p_actual: actual };
      const { actual_id } = await ask(deps, 'add_kpi_actual', args, actualResponse);
      return { actual_id };
    },
  }),
  route({
    ...operator,
    operationId: 'runGainshare',
    method: 'post',
    path: '/billing-gainshare',
    summary: 'Work out what a period saved, and the share of it',
    description:
      'The chain from measurement to fee is frozen with its hash. Nothing is billed before the tenant approves; silence is no consent.',
    body: gainshareRequest,
    answer: gainshareRun,
    faults: ['not_found', 'too_late'],
    async handle({ deps, userId, body }) {
      const args = {
        p_operator_id: userId,
        p_tenant_id: body.tenant_id,
        p_period_start: body.period_start,
        p_period_end: body.period_end,
        p_share_pct: body.share_pct,
        ...(body.fee_cap_cents !== undefined && { p_fee_cap_cents: body.fee_cap_cents }),
        ...(body.dispute_days !== undefined && { p_dispute_days: body.dispute_days }),
      };
      return (await ask(deps, 'run_gainshare', args, found)).run;
    },
  }),
  route({
    operationId: 'listGainshareRuns',
    tag: 'tenants',
    access: 'member',
    scope: 'billing:read',
    role: 'billing',
    method: 'get',
    path: '/gainshare-runs',
    summary: 'What was worked out for a tenant, each with its chain',
    query: ofTenantQuery,
    answer: gainshareRunsResponse,
    handle: async ({ deps: { database }, tenant }) => ({
      runs: await callFunction(
        database,
        'list_gainshare',
        { p_tenant_id: tenant.tenantId },
        gainshareRunsResponse.shape.runs,
      ),
    }),
  }),
  route({
    operationId: 'decideGainshare',
    tag: 'tenants',
    access: 'person',
    method: 'post',
    path: '/gainshare-runs/:run_id/decision',
    summary: 'Approve, reject or dispute a run',
    description:
      'By an owner, or who does the billing, and never by a key: with the hash of what they saw. A fee that is approved is on the next invoice; until then it can be disputed.',
    params: z.object({ run_id: z.uuid().toLowerCase() }),
    body: decideGainshareRequest,
    answer: gainshareRun,
    faults: ['not_found', 'role_missing', 'forbidden', 'price_changed', 'too_late'],
    async handle({ deps, userId, params, body }) {
      const args = {
        p_user_id: userId,
        p_run_id: params.run_id,
        p_decision: body.decision,
        p_snapshot_hash: body.snapshot_hash,
        ...(body.reason !== undefined && { p_reason: body.reason }),
      };
      return (await ask(deps, 'decide_gainshare', args, found)).run;
    },
  }),
];
