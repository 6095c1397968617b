import type { Operation } from './operation.ts';

const LIMIT = {
  limit: {
    description: 'How many at most.',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  },
};

/** What operators do about effects that were given up. Only for people whose role is operator. */
export const outboxOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/operator/outbox/parked',
    summary: 'What was given up, newest first',
    description:
      'Effects that failed at all their attempts, or for good: notices, customers at Stripe. An alarm was logged for each.',
    tag: 'operators',
    signedIn: true,
    query: LIMIT,
    answer: 'ParkedItemsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'post',
    path: '/operator/outbox/{item_id}/retry',
    summary: 'Take a parked item up again, with all its attempts',
    tag: 'operators',
    signedIn: true,
    answer: 'RetryItemResponse',
    faults: ['invalid_request', 'forbidden', 'not_found', 'too_many_requests'],
  },
  {
    method: 'get',
    path: '/operator/people-without-customer',
    summary: 'Who has no customer at Stripe, longest first',
    tag: 'operators',
    signedIn: true,
    query: LIMIT,
    answer: 'PeopleWithoutCustomerResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'post',
    path: '/operator/users/{user_id}/customer',
    summary: 'Make a person their customer at Stripe, if they have none',
    tag: 'operators',
    signedIn: true,
    status: 202,
    answer: 'RepairCustomerResponse',
    faults: ['invalid_request', 'forbidden', 'not_found', 'too_many_requests'],
  },
];
