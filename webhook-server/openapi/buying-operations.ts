import type { Operation } from './operation.ts';

/** Stripe's own checkout page, and saved cards. */
export const buyingOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/create-checkout-session',
    summary: 'Pay a purchase on a page of Stripe instead',
    description:
      'For a new purchase, or the one that this key began: its payment intent is canceled then, and only the page can ' +
      'take the money. The same key always answers the same page, with status 201 also on a repeat.',
    signedIn: true,
    headers: {
      'Idempotency-Key': {
        description: 'Names the purchase: new for each, the same for a retry.',
        maxLength: 255,
      },
    },
    body: 'CreatePaymentIntentRequest',
    status: 201,
    answer: 'CreateCheckoutSessionResponse',
    faults: [
      'invalid_request',
      'idempotency_key_missing',
      'unknown_package',
      'idempotency_key_reused',
      'purchase_closed',
      'too_many_requests',
      'payment_provider_unavailable',
    ],
  },
  {
    method: 'get',
    path: '/user/{user_id}/payment-methods',
    summary: 'The cards that you had kept',
    signedIn: true,
    answer: 'SavedCardsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests', 'payment_provider_unavailable'],
  },
  {
    method: 'delete',
    path: '/user/{user_id}/payment-methods/{payment_method_id}',
    summary: 'Remove a kept card',
    description:
      'An automatic top-up that uses it ends first. Answers the cards that are left, also on a repeat.',
    signedIn: true,
    answer: 'SavedCardsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests', 'payment_provider_unavailable'],
  },
];
