import type { Operation } from './operation.ts';

const LIMIT = {
  limit: {
    description: 'How many at most.',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  },
};
const STATUS = {
  status: {
    description: 'Where they stand.',
    schema: { type: 'string', enum: ['received', 'done', 'ignored', 'parked'], default: 'parked' },
  },
};

/** What operators do about money. Only for people whose role is operator. */
export const moneyOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/operator/stripe-events',
    summary: 'Events of Stripe, newest first',
    description: 'Without a status: those that failed too often and wait for somebody to mend the cause.',
    tag: 'operators',
    signedIn: true,
    query: { ...STATUS, ...LIMIT },
    answer: 'StripeEventsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'post',
    path: '/operator/stripe-events/{event_id}/replay',
    summary: 'Apply an event again that was parked or ignored',
    tag: 'operators',
    signedIn: true,
    answer: 'ReplayResponse',
    faults: [
      'invalid_request',
      'forbidden',
      'not_found',
      'payment_provider_unavailable',
      'too_many_requests',
    ],
  },
  {
    method: 'get',
    path: '/operator/reviews',
    summary: 'Purchases whose money does not fit, oldest first',
    tag: 'operators',
    signedIn: true,
    query: LIMIT,
    answer: 'ReviewsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'get',
    path: '/operator/reconciliation',
    summary: 'Where Stripe and the books differ, last seen first',
    description:
      'What comparing could heal is healed. These need a person; one that is not seen again is settled.',
    tag: 'operators',
    signedIn: true,
    query: LIMIT,
    answer: 'FindingsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'post',
    path: '/operator/purchases/{purchase_id}/review',
    summary: 'Release or refuse a purchase under review, for a reason',
    description:
      'Released: the time is given. Refused: it is not, and what was received is refunded. Never for oneself.',
    tag: 'operators',
    signedIn: true,
    body: 'ReviewRequest',
    answer: 'ReviewResponse',
    faults: [
      'invalid_request',
      'forbidden',
      'not_found',
      'purchase_closed',
      'payment_provider_unavailable',
      'too_many_requests',
    ],
  },
  {
    method: 'post',
    path: '/operator/purchases/{purchase_id}/refund',
    summary: 'Refund a purchase, in full or in part, for a reason',
    description:
      'Takes the same share of its time back: from what its card still has first, then as debt, which later ' +
      'purchases pay. The same key refunds once, with status 201 also on a repeat. Never for oneself.',
    tag: 'operators',
    signedIn: true,
    headers: {
      'Idempotency-Key': { description: 'Names the refund, among those of this operator.', maxLength: 200 },
    },
    body: 'RefundRequest',
    status: 201,
    answer: 'RefundResponse',
    faults: [
      'invalid_request',
      'idempotency_key_missing',
      'forbidden',
      'not_found',
      'idempotency_key_reused',
      'not_refundable',
      'payment_provider_unavailable',
      'too_many_requests',
    ],
  },
];
