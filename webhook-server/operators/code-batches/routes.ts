import { z } from 'zod';
import { reasonRequest } from '../../../shared/api/board-people.ts';
import {
  codeBatchesResponse,
  codeBatchRequest,
  codeBatchResponse,
  revokeBatchResponse,
} from '../../../shared/api/code-batches.ts';
import { mayReasonRequest } from '../../../shared/api/outbox.ts';
import { OPERATORS_KEY_LENGTH, route } from '../../http/route.ts';
import { createCodeBatch } from './create-code-batch.ts';
import { exportCodeBatch } from './export-code-batch.ts';
import { listCodeBatches } from './list-code-batches.ts';
import { revokeCodeBatch } from './revoke-code-batch.ts';

const operators = { tag: 'operators', access: 'operator' } as const;
const ofOneBatch = { ...operators, params: z.object({ batch_id: z.uuid() }) };

export const codeBatchRoutes = [
  route({
    ...operators,
    operationId: 'createCodeBatch',
    method: 'post',
    path: '/admin/code-batches',
    summary: 'Issue a batch of activation codes',
    description:
      'Cards that nobody bought: gifts of the house, promotions, or what a reseller sells. A code that nobody used ' +
      'by `expires_at` opens nothing; the year of a card begins with its activation. The same key issues the ' +
      'batch once, with status 201 also on a repeat.',
    idempotency: { names: 'Names the batch, among those of this operator.', maxLength: OPERATORS_KEY_LENGTH },
    body: codeBatchRequest,
    status: 201,
    answer: codeBatchResponse,
    faults: ['unknown_package', 'idempotency_key_reused'],
    handle: ({ deps, body, idempotencyKey, userId }) =>
      createCodeBatch(deps, { ...body, idempotencyKey, operatorId: userId }),
  }),
  route({
    ...operators,
    operationId: 'listCodeBatches',
    method: 'get',
    path: '/admin/code-batches',
    summary: 'The newest 100 batches, and what became of their codes',
    answer: codeBatchesResponse,
    handle: async ({ deps, userId }) => ({ batches: await listCodeBatches(deps, userId) }),
  }),
  route({
    ...ofOneBatch,
    operationId: 'exportCodes',
    method: 'get',
    path: '/admin/code-batches/:batch_id/codes',
    summary: 'Export the codes of a batch, once',
    description:
      'CSV (RFC 4180) with the columns code, seconds and expires_at. Who exported it, and when, is recorded; a ' +
      'second request is refused. Where the file got lost: revoke the batch and issue another.',
    // It would spend the one export without showing it.
    refuseHead: true,
    answer: 'csv',
    faults: ['not_found', 'code_revoked', 'codes_exported'],
    async handle({ deps, params: { batch_id: batchId }, userId, response }) {
      const csv = await exportCodeBatch(deps, { batchId, operatorId: userId });
      response.attachment(`codes-${batchId}.csv`).type('text/csv');
      return csv;
    },
  }),
  route({
    ...ofOneBatch,
    operationId: 'exportCodesForReason',
    method: 'post',
    path: '/admin/code-batches/:batch_id/export',
    summary: 'Export the codes of a batch, once, for a reason',
    description: 'As the GET, which the log of operators knows by the note of the batch.',
    body: reasonRequest,
    answer: 'csv',
    faults: ['not_found', 'code_revoked', 'codes_exported'],
    async handle({ deps, params: { batch_id: batchId }, body: { reason }, userId, response }) {
      const csv = await exportCodeBatch(deps, { batchId, operatorId: userId, reason });
      response.attachment(`codes-${batchId}.csv`).type('text/csv');
      return csv;
    },
  }),
  route({
    ...ofOneBatch,
    operationId: 'revokeCodeBatch',
    method: 'post',
    path: '/admin/code-batches/:batch_id/revoke',
    summary: 'Take back the codes of a batch that nobody used',
    description: 'Time that was activated stays where it is. Harmless to repeat.',
    body: mayReasonRequest,
    bodyMayBeMissing: true,
    answer: revokeBatchResponse,
    faults: ['not_found'],
    handle: async ({ deps, params, body: { reason }, userId }) => ({
      batch: await revokeCodeBatch(deps, { batchId: params.batch_id, operatorId: userId, reason }),
    }),
  }),
];
