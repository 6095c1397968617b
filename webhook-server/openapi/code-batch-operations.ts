import type { Operation } from './operation.ts';

const OPERATORS = { tag: 'operators', signedIn: true } as const;

export const codeBatchOperations: readonly Operation[] = [
  {
    ...OPERATORS,
    method: 'post',
    path: '/admin/code-batches',
    summary: 'Issue a batch of activation codes',
    description:
      'Cards that nobody bought: gifts of the house, promotions, or what a reseller sells. A code that nobody used ' +
      'by `expires_at` opens nothing; the year of a card begins with its activation. The same key issues the ' +
      'batch once, with status 201 also on a repeat.',
    headers: {
      'Idempotency-Key': { description: 'Names the batch, among those of this operator.', maxLength: 200 },
    },
    body: 'CodeBatchRequest',
    status: 201,
    answer: 'CodeBatchResponse',
    faults: [
      'invalid_request',
      'idempotency_key_missing',
      'forbidden',
      'unknown_package',
      'idempotency_key_reused',
      'too_many_requests',
    ],
  },
  {
    ...OPERATORS,
    method: 'get',
    path: '/admin/code-batches',
    summary: 'The newest 100 batches, and what became of their codes',
    answer: 'CodeBatchesResponse',
    faults: ['forbidden', 'too_many_requests'],
  },
  {
    ...OPERATORS,
    method: 'get',
    path: '/admin/code-batches/{batch_id}/codes',
    summary: 'Export the codes of a batch, once',
    description:
      'CSV (RFC 4180) with the columns code, seconds and expires_at. Who exported it, and when, is recorded; a ' +
      'second request is refused. Where the file got lost: revoke the batch and issue another.',
    answer: 'csv',
    faults: [
      'invalid_request',
      'forbidden',
      'not_found',
      'code_revoked',
      'codes_exported',
      'too_many_requests',
    ],
  },
  {
    ...OPERATORS,
    method: 'post',
    path: '/admin/code-batches/{batch_id}/revoke',
    summary: 'Take back the codes of a batch that nobody used',
    description: 'Time that was activated stays where it is. Harmless to repeat.',
    answer: 'RevokeBatchResponse',
    faults: ['invalid_request', 'forbidden', 'not_found', 'too_many_requests'],
  },
];
