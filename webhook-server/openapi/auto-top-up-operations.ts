import type { Operation } from './operation.ts';

/** A person's own automatic top-up. */
export const autoTopUpOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/user/{user_id}/auto-top-up',
    summary: 'Your automatic top-up',
    signedIn: true,
    answer: 'AutoTopUpResponse',
    faults: ['invalid_request', 'forbidden'],
  },
  {
    method: 'post',
    path: '/user/{user_id}/auto-top-up',
    summary: 'Consent to automatic top-up on these terms',
    description:
      'When free time falls to the threshold, the package is bought with the saved card. One charge at a time, never ' +
      'beyond the cap of a calendar month (UTC). After two declines in a row nothing is charged until you send this again.',
    signedIn: true,
    body: 'AutoTopUpRequest',
    answer: 'AutoTopUpResponse',
    faults: [
      'invalid_request',
      'forbidden',
      'unknown_package',
      'too_many_requests',
      'payment_provider_unavailable',
    ],
  },
  {
    method: 'post',
    path: '/user/{user_id}/auto-top-up/disable',
    summary: 'End your automatic top-up',
    signedIn: true,
    answer: 'AutoTopUpResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
];
