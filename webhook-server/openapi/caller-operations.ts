import type { Operation } from './operation.ts';

export const callerOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/create-payment-intent',
    summary: 'Begin a purchase, or find the one that this key began',
    description:
      'Nothing is paid here: the client confirms the payment with Stripe, and time follows when Stripe has ' +
      'the money. The same key always answers the same intent, with status 201 also on a repeat.',
    signedIn: true,
    headers: {
      'Idempotency-Key': {
        description: 'Names the purchase: new for each, the same for a retry.',
        maxLength: 255,
      },
    },
    body: 'CreatePaymentIntentRequest',
    status: 201,
    answer: 'CreatePaymentIntentResponse',
    faults: [
      'invalid_request',
      'idempotency_key_missing',
      'unknown_package',
      'idempotency_key_reused',
      'purchase_closed',
      'checkout_open',
      'too_many_requests',
      'payment_provider_unavailable',
    ],
  },
  {
    method: 'post',
    path: '/activate',
    summary: 'Turn an activation code into a time card of your own',
    description:
      'Repeating it with a code that you used yourself changes nothing and says so, as `code_used`.',
    signedIn: true,
    body: 'ActivateRequest',
    answer: 'ActivateResponse',
    faults: [
      'invalid_request',
      'unknown_code',
      'code_used',
      'code_revoked',
      'mistyped_code',
      'too_many_attempts',
      'too_many_requests',
    ],
  },
  {
    method: 'post',
    path: '/token',
    summary: 'Begin a call: a LiveKit token for a new room',
    description:
      "LiveKit's standard token endpoint. Room, identity and dispatch are always the server's own, whatever is asked for.",
    signedIn: true,
    body: 'TokenRequest',
    status: 201,
    answer: 'TokenResponse',
    faults: ['invalid_request', 'no_time_left', 'too_many_calls', 'too_many_requests', 'calls_unavailable'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/balance',
    summary: 'Your time, and the cards it is on',
    signedIn: true,
    answer: 'BalanceResponse',
    faults: ['invalid_request', 'forbidden'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/analytics',
    summary: 'Your use of the last 30 days, totals and payments',
    signedIn: true,
    answer: 'AnalyticsResponse',
    faults: ['invalid_request', 'forbidden'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/gifts',
    summary: 'The gifts that you bought, with their activation codes',
    signedIn: true,
    answer: 'GiftsResponse',
    faults: ['invalid_request', 'forbidden'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/calls',
    summary: 'Your calls, newest first',
    signedIn: true,
    query: {
      limit: {
        description: 'How many at most.',
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      },
      before: {
        description: 'The `next` of the page before.',
        schema: { type: 'string', format: 'uuid' },
      },
    },
    answer: 'CallsResponse',
    faults: ['invalid_request', 'forbidden'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/calls/{call_id}/receipt',
    summary: 'The receipt of a call of yours',
    description:
      'JSON, or a printable HTML document for `Accept: text/html`. How to check its hash: docs/receipts.md.',
    signedIn: true,
    query: {
      format: {
        description: 'Goes before the Accept header.',
        schema: { type: 'string', enum: ['json', 'html'] },
      },
    },
    answer: 'Receipt',
    alsoHtml: true,
    faults: ['invalid_request', 'forbidden', 'not_found', 'call_in_progress'],
  },
];
