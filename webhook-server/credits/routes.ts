import { z } from 'zod';
import {
  assetImportResponse,
  assetSnapshotRequest,
  assetSnapshotResponse,
  creditSettingsRequest,
  creditSettingsResponse,
  plansResponse,
} from '../../shared/api/credits.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { importAssets, recordAssets } from './assets.ts';

const settingsAnswer = z.object({ status: z.enum(['set', 'forbidden', 'unknown_tenant', 'malformed']) });
const byBilling = { access: 'member', scope: 'usage:write', role: 'billing' } as const;

/** Plans with credits, what a tenant wants for itself, and its assets. What burns credits is in `../usage`. */
export const creditRoutes = [
  route({
    operationId: 'listPlans',
    tag: 'usage',
    method: 'get',
    path: '/plans',
    access: 'anybody',
    summary: 'Plans with credits and assets, and what costs how many credits',
    answer: plansResponse,
    handle: ({ deps: { database } }) =>
      callFunction(database, 'list_credit_plans', {} as never, plansResponse),
  }),
  route({
    ...byBilling,
    operationId: 'setCreditSettings',
    tag: 'usage',
    method: 'put',
    path: '/credits/settings',
    scope: 'billing:write',
    summary: 'The most that overage may cost, and when to be told that credits are low',
    body: creditSettingsRequest,
    answer: creditSettingsResponse,
    async handle({ deps: { database }, tenant, body }) {
      const args = {
        p_user_id: (tenant.userId ?? null) as string,
        p_tenant_id: tenant.tenantId,
        p_overage_cap_cents: body.overage_cap_cents as number,
        p_low_credits: body.low_credits as number,
      };
      const { status } = await callFunction(database, 'set_credit_settings', args, settingsAnswer);
      if (status !== 'set') throw new Fault(status === 'forbidden' ? 'role_missing' : 'not_found');
      return { overage_cap_cents: body.overage_cap_cents, low_credits: body.low_credits };
    },
  }),
  route({
    ...byBilling,
    operationId: 'recordAssets',
    tag: 'usage',
    method: 'post',
    path: '/assets/snapshots',
    summary: 'How many assets there are now, in all and by site',
    description:
      'Once a night, or oftener: a night counts what was counted last before it. The same Idempotency-Key writes one down once.',
    headers: {
      'Idempotency-Key': { description: 'Names the count: the same one for a retry.', maxLength: 200 },
    },
    body: assetSnapshotRequest,
    status: 201,
    answer: assetSnapshotResponse,
    faults: ['idempotency_key_reused'],
    handle: ({ deps: { database }, tenant, body, request }) =>
      recordAssets(database, tenant.tenantId, {
        ...body,
        key: request.get('idempotency-key')?.slice(0, 200),
      }),
  }),
  route({
    ...byBilling,
    operationId: 'importAssets',
    tag: 'usage',
    method: 'post',
    path: '/assets/import',
    summary: 'Counts of sites as CSV: night,site,asset_count',
    description:
      'A line for each night (2026-11-28) and site. What was counted of a night and site before stays: harmless to repeat.',
    query: z.strictObject({ tenant_id: z.uuid().toLowerCase().optional() }),
    bytes: true,
    answer: assetImportResponse,
    handle: ({ deps: { database }, tenant, request }) =>
      importAssets(database, tenant.tenantId, String(request.body)),
  }),
];
