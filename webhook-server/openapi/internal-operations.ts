import type { Operation } from './operation.ts';

export const internalOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/operator/users/{user_id}/goodwill',
    summary: 'Give a person time, for a reason',
    description:
      'Only for people whose role is operator, and never to themselves. The time is a card of its own, valid ' +
      'for a year. The same key gives it once, with status 201 also on a repeat.',
    tag: 'operators',
    signedIn: true,
    headers: {
      'Idempotency-Key': {
        description: 'Names the grant, among those of this operator.',
        maxLength: 200,
      },
    },
    body: 'GoodwillRequest',
    status: 201,
    answer: 'GoodwillResponse',
    faults: [
      'invalid_request',
      'idempotency_key_missing',
      'forbidden',
      'not_found',
      'idempotency_key_reused',
      'too_many_requests',
    ],
  },
  {
    method: 'post',
    path: '/internal/renewals',
    summary: 'Report the use of a live call, and learn what it may use',
    description:
      'Gathers the renewals of many calls for a few milliseconds and sends them to the database as one. Counters ' +
      'are absolute, so that a repeat is harmless. A refusal (`fenced`, `call_settled`, `unknown_call`) is an ' +
      'answer with status 200: hang up. On anything else than 200 the worker asks the database directly.',
    tag: 'internal',
    withServiceKey: true,
    body: 'RenewalRequest',
    answer: 'RenewalAnswer',
    faults: ['invalid_request', 'payload_too_large'],
  },
];
