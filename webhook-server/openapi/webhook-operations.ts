import type { Operation } from './operation.ts';

export const webhookOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks/stripe',
    summary: 'Where Stripe tells of payments',
    description:
      'Which events it needs: webhook-server/payments/README.md. Others are noted and acknowledged. Answers 2xx only ' +
      'when the event is stored and applied, or waits for an operator; anything else means: send it again.',
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
