import type { Operation } from './operation.ts';

/** What operators see of all calls. Only for people whose role is operator. */
export const operatorAnalyticsOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/operator/analytics',
    summary: 'Calls, response time, quality, provider cost and margin, by day',
    description:
      'Cost is an estimate at list prices or PROVIDER_PRICES. Earned is what was received for the seconds charged, ' +
      'less tax, refunds and lost disputes; time that nobody paid for earns nothing. See docs/voice-measures.md.',
    tag: 'operators',
    signedIn: true,
    query: {
      days: {
        description: 'How many days back, today included.',
        schema: { type: 'integer', minimum: 1, maximum: 366, default: 30 },
      },
    },
    answer: 'OperatorAnalytics',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
];
