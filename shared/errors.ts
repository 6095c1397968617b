/**
 * The closed set of things that go wrong on purpose: a code for programs, an HTTP status, and a
 * sentence that says what to do. What the agent says about it is in `agent/sentences`, in each language.
 */
const FAULTS = {
  invalid_request: [400, 'The request is malformed.'],
  idempotency_key_missing: [
    400,
    'Send an Idempotency-Key header (1 to 255 characters): a new one for each purchase, the same one for a retry.',
  ],
  bad_signature: [400, 'The signature of this webhook is missing, wrong or too old.'],
  not_signed_in: [401, 'Sign in and send the access token as "Authorization: Bearer …".'],
  no_time_left: [402, 'No time is left. Buy a time card or activate a code.'],
  spend_limit_reached: [
    402,
    'This organisation has spent what its plan allows for now. Ask whoever owns it.',
  ],
  no_credits_left: [
    402,
    'So many credits are not left, and none are burned beyond them here: the period is a trial or not paid, or the plan has none.',
  ],
  overage_cap_reached: [
    402,
    'This would cost more beyond the credits than your organisation allows for a period. Ask whoever does its billing.',
  ],
  not_enough_money: [402, 'There is not enough money in this wallet. Top it up first.'],
  payment_required: [
    402,
    'This costs something: pay what PAYMENT-REQUIRED (x402) or WWW-Authenticate (MPP) says, and send the same request with the payment.',
  ],
  forbidden: [403, 'This belongs to somebody else.'],
  account_frozen: [403, 'This account is frozen. Write to whoever runs this service.'],
  role_missing: [403, 'Your role in this tenant does not allow this. Ask one of its owners.'],
  scope_missing: [403, 'This API key may not do this. An owner of the tenant can make one that may.'],
  other_address: [403, 'This invitation went to another e-mail address. Sign in with that one.'],
  not_found: [404, 'There is nothing at this address.'],
  unknown_user: [404, 'This account does not exist any more.'],
  unknown_package: [404, 'No such package is for sale. GET /pricing lists them.'],
  unknown_code: [404, 'No card has this activation code. Check it against the one you were given.'],
  code_used: [409, 'This code was already used.'],
  own_code: [403, 'You issued or exported this code: it is for somebody else.'],
  code_revoked: [409, 'This code is not valid any more: it was taken back, or its last day is over.'],
  idempotency_key_reused: [
    409,
    'This Idempotency-Key began another purchase. Use a new key for a new purchase.',
  ],
  price_changed: [409, 'The price has changed. Look at it again with GET /pricing, and agree to that one.'],
  price_not_confirmed: [409, 'This costs more than may be spent without asking. Agree to the price first.'],
  purchase_closed: [409, 'This purchase is over. Start a new one.'],
  checkout_open: [
    409,
    'This purchase is being paid on a page of Stripe. POST /create-checkout-session with the same key answers its address.',
  ],
  forfeit_not_agreed: [
    409,
    'Time is left that would be given up. Send how much as forfeit_seconds, to agree.',
  ],
  already_rotated: [409, 'There is a new key in the place of this one already. Rotate that one.'],
  last_owner: [409, 'A tenant always has an owner. Make somebody else an owner first, or close it.'],
  already_member: [409, 'Somebody with this e-mail address belongs to the tenant already.'],
  subscription_open: [409, 'Its subscription goes on. Cancel it first.'],
  payment_used: [409, 'This payment pays another order. Nothing was taken for this one.'],
  spend_cap_reached: [409, 'This would be more than you wanted to pay for this call. Nothing was taken.'],
  plan_too_small: [409, 'More is in use than that plan takes. Reduce it first.'],
  too_late: [409, 'This cannot be changed any more.'],
  trial_unavailable: [409, 'There are no free minutes here.'],
  not_refundable: [409, 'This purchase cannot be refunded like this.'],
  call_in_progress: [409, 'This call is still going on. Its receipt is written when it ends.'],
  too_many_calls: [409, 'Too many calls use this account at once. End one of them first.'],
  room_taken: [409, 'Another call is going on in this room. Ask for a new token to begin one.'],
  call_settled: [409, 'This call is over. Ask for a new token to begin another one.'],
  call_mismatch: [
    409,
    'This call belongs to somebody else, or to another room. Ask for a token of your own.',
  ],
  invitation_over: [410, 'This invitation is over: used, taken back, or expired. Ask for a new one.'],
  codes_exported: [
    410,
    'The codes of this batch were exported already. Revoke it and issue another where they got lost.',
  ],
  payload_too_large: [413, 'The body is larger than this address takes.'],
  mistyped_code: [
    422,
    'This is not a valid activation code: a character is wrong, missing or swapped. It did not count as an attempt.',
  ],
  payment_refused: [
    422,
    'The payment provider refuses this for good, and nothing was charged. Trying again does not help; tell whoever runs this service.',
  ],
  too_many_attempts: [429, 'Too many codes that do not exist. Try again in an hour.'],
  too_many_short_calls: [
    429,
    'You called many times in a few minutes and hung up at once. Wait a few minutes.',
  ],
  quota_spent: [
    429,
    'The plan of this tenant serves no more requests in this period. Wait for the next one, or choose a larger plan.',
  ],
  too_many_requests: [429, 'Too many requests. Wait a minute and try again.'],
  internal: [500, 'Something went wrong here. Try again; nothing was charged.'],
  payment_misconfigured: [
    500,
    'Payments are not set up correctly here, and nothing was charged. Trying again does not help; tell whoever runs this service.',
  ],
  payment_provider_unavailable: [
    502,
    'The payment provider does not answer. Try again with the same Idempotency-Key.',
  ],
  database_unavailable: [503, 'The database does not answer. Try again in a moment.'],
  overloaded: [503, 'Too many ask at once. Nothing was done: try again in a second.'],
  calls_unavailable: [503, 'Calls are not possible here: no LiveKit server is configured.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type FaultCode = keyof typeof FAULTS;
export const FAULT_CODES = Object.keys(FAULTS) as readonly FaultCode[];

/** What was spent of what a plan allows, in millionths of the currency's unit. */
export type SpendFacts = {
  period: 'day' | 'month';
  spent_micros: number;
  hard_micros: number | null;
  currency: string;
  resets_at: string;
};

/** An expected failure. Its message is safe to show to the person who caused it. */
export class Fault extends Error {
  readonly code: FaultCode;
  /** HTTP status code (RFC 9110). */
  readonly status: number;
  /** Of `spend_limit_reached`, where it is known. */
  readonly spend: SpendFacts | undefined;

  /** @param detail replaces the standard sentence where more can be said */
  constructor(code: FaultCode, detail?: string, options: ErrorOptions & { spend?: SpendFacts } = {}) {
    const [status, message] = FAULTS[code];
    super(detail ?? message, options);
    this.name = 'Fault';
    this.code = code;
    this.status = status;
    this.spend = options.spend;
  }
}
