export interface Reply {
  readonly status: number;
  readonly body: object;
}

interface RefusalDetails {
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly charge?: string;
  readonly payment_intent?: object;
  readonly payment_method?: object;
  readonly setup_intent?: object;
}

type ErrorType =
  | 'api_error'
  | 'card_error'
  | 'idempotency_error'
  | 'invalid_request_error'
  | 'temporary_session_expired';

/**
 * An answer in Stripe's error shape, `{error: {type, message, ...}}` (https://docs.stripe.com/api/errors).
 * stripe-node takes any body without `error` for a success, so every refusal must go through here.
 */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly type: ErrorType;
  readonly details: RefusalDetails;
  /** True when nothing had begun to execute: Stripe does not remember such answers under an idempotency key. */
  readonly beforeExecution: boolean;

  constructor(
    status: number,
    type: ErrorType,
    message: string,
    details: RefusalDetails = {},
    beforeExecution = false,
  ) {
    super(message);
    this.name = 'StripeRefusal';
    this.status = status;
    this.type = type;
    this.details = details;
    this.beforeExecution = beforeExecution;
  }

  toReply(): Reply {
    const documentation =
      this.details.code === undefined
        ? {}
        : { doc_url: `https://stripe.com/docs/error-codes/${this.details.code.replaceAll('_', '-')}` };
    return {
      status: this.status,
      body: { error: { type: this.type, message: this.message, ...documentation, ...this.details } },
    };
  }
}

/** A request that is wrong in its present form or state (HTTP 400). */
export function invalidRequest(message: string, details: RefusalDetails = {}): StripeRefusal {
  return new StripeRefusal(400, 'invalid_request_error', message, details);
}

/** A parameter refused before anything executed (HTTP 400, not remembered under the idempotency key). */
export function invalidParameter(message: string, details: RefusalDetails = {}): StripeRefusal {
  return new StripeRefusal(400, 'invalid_request_error', message, details, true);
}

/** The object named in the path does not exist (HTTP 404). */
export function noSuchObject(kind: string, id: string, param = 'id'): StripeRefusal {
  return new StripeRefusal(404, 'invalid_request_error', `No such ${kind}: '${id}'`, {
    code: 'resource_missing',
    param,
  });
}

/** The object named by a parameter does not exist (HTTP 400, as Stripe does for all but the path). */
export function noSuchReference(kind: string, id: string, param: string): StripeRefusal {
  return invalidRequest(`No such ${kind}: '${id}'`, { code: 'resource_missing', param });
}

export function unrecognizedUrl(method: string, path: string): StripeRefusal {
  return new StripeRefusal(
    404,
    'invalid_request_error',
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    {},
    true,
  );
}

export function internalError(): StripeRefusal {
  return new StripeRefusal(500, 'api_error', 'An unknown error occurred.');
}

export function rateLimited(): StripeRefusal {
  return new StripeRefusal(
    429,
    'invalid_request_error',
    'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    { code: 'rate_limit' },
    true,
  );
}
