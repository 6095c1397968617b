import type { Operation } from './operation.ts';

export const webhookOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks/stripe',
    summary: 'Where Stripe tells of payments',
    description:
      'Needs payment_intent.succeeded, payment_intent.payment_failed, payment_intent.canceled and ' +
      'charge.refunded. Answers 2xx only when the event is applied; anything else means: send it again.',
    headers: {
      'Stripe-Signature': { description: 'As Stripe makes it.', maxLength: 8192 },
    },
    answer: 'json',
    faults: ['bad_signature', 'invalid_request', 'payment_provider_unavailable', 'database_unavailable'],
  },
  {
    method: 'post',
    path: '/webhooks/livekit',
    summary: 'Where LiveKit tells of rooms',
    description: 'Hints only. Signed with a token in the Authorization header.',
    headers: {
      Authorization: { description: 'As LiveKit makes it.', maxLength: 8192 },
    },
    answer: 'json',
    faults: ['not_signed_in', 'calls_unavailable', 'database_unavailable'],
  },
];
