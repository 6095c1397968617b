import type { Request, Response } from 'express';
import { z } from 'zod';
import { tokenRequest, tokenResponse } from '../../shared/api/calls.ts';
import {
  callsQuery,
  callsResponse,
  type Receipt,
  receiptQuery,
  receiptResponse,
  tenantCallsResponse,
} from '../../shared/api/receipts.ts';
import { renewalAnswer, renewalRequest } from '../../shared/api/renewals.ts';
import { addressOf } from '../http/address-of.ts';
import { route } from '../http/route.ts';
import { createCallToken, createPlaceToken } from './create-call-token.ts';
import { gatherRenewals } from './gather-renewals.ts';
import { listCalls, readReceipt } from './read-calls.ts';

import { receiptDocument } from './receipt-document.ts';
import { receiveLiveKitEvent } from './receive-livekit-event.ts';
import { renewCalls } from './renew-calls.ts';

/** JSON is for whoever does not say; only who prefers HTML, such as a browser's own request, gets it. */
function formatOf(request: Request, asked: 'json' | 'html' | undefined): 'json' | 'html' {
  return asked ?? (request.accepts(['json', 'html']) === 'html' ? 'html' : 'json');
}

type Asked = { format: 'json' | 'html' | undefined; request: Request; response: Response };

/** As a document for whoever prefers one, else as it was written. */
function answerReceipt(receipt: unknown, { format, request, response }: Asked): Receipt {
  response.vary('accept');
  if (formatOf(request, format) === 'html') {
    response.type('html').send(receiptDocument(receiptResponse.parse(receipt)));
  }
  return receipt as Receipt;
}

/** A person's calls. */
export const callRoutes = [
  route({
    operationId: 'createCallToken',
    tag: 'calls',
    method: 'post',
    path: '/token',
    access: 'person',
    summary: 'Begin a call: a LiveKit token for a new room',
    description:
      "LiveKit's standard token endpoint. Room, identity and dispatch are always the server's own, whatever is asked for.",
    // But for `tenant_id`, checked for shape and then dropped: clients of the standard send wishes that are not theirs to make.
    body: tokenRequest,
    bodyMayBeMissing: true,
    status: 201,
    answer: tokenResponse,
    faults: [
      'not_found',
      'spend_limit_reached',
      'no_time_left',
      'too_many_calls',
      'too_many_short_calls',
      'calls_unavailable',
    ],
    handle: ({ deps, userId, body, request }) =>
      createCallToken(deps, userId, addressOf(request), body.tenant_id),
  }),
  route({
    operationId: 'listCalls',
    tag: 'calls',
    method: 'get',
    path: '/user/:user_id/calls',
    access: 'self',
    summary: 'Your calls, newest first',
    query: callsQuery,
    answer: callsResponse,
    description: 'On your own time, and on that of tenants that you belong to.',
    handle: ({ deps, userId, query }) => listCalls(deps, { ...query, userId }),
  }),
  route({
    operationId: 'createPlaceToken',
    evenFrozen: true,
    tag: 'calls',
    method: 'post',
    path: '/user/:user_id/calls/:call_id/token',
    access: 'self',
    summary: 'Go on with a running call of yours, from another device: a LiveKit token for its room',
    description:
      'Whoever enters with it takes the caller’s place: the device that had it leaves. Nothing is begun, and the ' +
      'meter goes on as it was. Refused with `call_mismatch` for a call that has no LiveKit room.',
    params: z.object({ call_id: z.uuid() }),
    status: 201,
    answer: tokenResponse,
    faults: ['not_found', 'call_settled', 'call_mismatch', 'calls_unavailable'],
    handle: ({ deps, userId, params }) => createPlaceToken(deps, userId, params.call_id),
  }),
  route({
    operationId: 'readReceipt',
    tag: 'calls',
    method: 'get',
    path: '/user/:user_id/calls/:call_id/receipt',
    access: 'self',
    summary: 'The receipt of a call of yours',
    description:
      'JSON, or a printable HTML document for `Accept: text/html`. How to check its hash: docs/receipts.md.',
    params: z.object({ call_id: z.uuid() }),
    query: receiptQuery,
    answer: receiptResponse,
    alsoHtml: true,
    faults: ['not_found', 'call_in_progress'],
    async handle({ deps, userId, params, query, request, response }) {
      const receipt = await readReceipt(deps, { userId, callId: params.call_id });
      return answerReceipt(receipt, { format: query.format, request, response });
    },
  }),
];

const ofTenant = { tag: 'tenants', access: 'person' } as const;

/** The calls on a tenant's time. */
export const tenantCallRoutes = [
  route({
    ...ofTenant,
    operationId: 'listTenantCalls',
    method: 'get',
    path: '/tenants/:tenant_id/calls',
    summary: 'The calls on the time of a tenant, newest first',
    description: 'A member sees their own, owners and billing see all, and who talked.',
    params: z.object({ tenant_id: z.uuid() }),
    query: callsQuery,
    answer: tenantCallsResponse,
    faults: ['not_found'],
    handle: ({ deps, userId, params, query }) =>
      listCalls(deps, { ...query, userId, tenantId: params.tenant_id }),
  }),
  route({
    ...ofTenant,
    operationId: 'readTenantReceipt',
    method: 'get',
    path: '/tenants/:tenant_id/calls/:call_id/receipt',
    summary: 'The receipt of a call on the time of a tenant',
    description: 'JSON, or a printable HTML document for `Accept: text/html`.',
    params: z.object({ tenant_id: z.uuid().toLowerCase(), call_id: z.uuid() }),
    query: receiptQuery,
    answer: receiptResponse,
    alsoHtml: true,
    faults: ['not_found', 'call_in_progress'],
    async handle({ deps, userId, params, query, request, response }) {
      const { call_id: callId, tenant_id: tenantId } = params;
      const receipt = await readReceipt(deps, { userId, callId, tenantId });
      return answerReceipt(receipt, { format: query.format, request, response });
    },
  }),
];

/** What workers and LiveKit tell of calls. */
export const callReportRoutes = [
  route({
    operationId: 'renewCall',
    tag: 'internal',
    method: 'post',
    path: '/internal/renewals',
    access: 'service',
    summary: 'Report the use of a live call, and learn what it may use',
    description:
      'Gathers the renewals of many calls for a few milliseconds and sends them to the database as one. Counters ' +
      'are absolute, so that a repeat is harmless. A refusal (`fenced`, `call_settled`, `unknown_call`) is an ' +
      'answer with status 200: hang up. On anything else than 200 the worker asks the database directly.',
    body: renewalRequest,
    bodyLimit: '1kb',
    answer: renewalAnswer,
    prepare({ config, database, metrics }) {
      const renew = gatherRenewals(async (renewals) => {
        metrics.renewalBatchSize.observe(renewals.length);
        try {
          return await renewCalls(database, renewals);
        } catch (error) {
          metrics.failedRenewalBatches.inc();
          throw error;
        }
      }, config.RENEWAL_BATCH_MS);
      return ({ body, response }) => {
        response.set('cache-control', 'no-store');
        return renew(body);
      };
    },
  }),
  route({
    operationId: 'receiveLiveKitEvent',
    tag: 'webhooks',
    method: 'post',
    path: '/webhooks/livekit',
    access: 'anybody',
    summary: 'Where LiveKit tells of rooms',
    description: 'Hints only. Signed with a token in the Authorization header.',
    headers: { Authorization: { description: 'As LiveKit makes it.', maxLength: 8192 } },
    bytes: true,
    answer: 'json',
    faults: ['not_signed_in', 'calls_unavailable'],
    async handle({ deps, request }) {
      await receiveLiveKitEvent(deps, request.body, request.get('authorization'));
      return { received: true };
    },
  }),
];
