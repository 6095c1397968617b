import { DatabaseError } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';

/** A failure that no repeat mends: the job is given up at once, and a person has to look. */
export class PermanentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentError';
  }
}

/** Who does something for us, and may refuse it. */
type Provider = 'Stripe' | 'LiveKit' | 'the mail server';

/** A provider refuses what it was asked for, and will refuse it again: something in the request has to be another. */
export class ProviderRefusal extends PermanentError {
  /**
   * @param what the provider's codes, never a value
   * @param remedy what somebody has to do about it
   */
  constructor(provider: Provider, what: string, remedy: string, options?: ErrorOptions) {
    super(`${provider} refuses this for good (${what}): ${remedy}`, options);
    this.name = 'ProviderRefusal';
  }
}

/**
 * A provider refuses us, whatever we ask for: our key or our account is wrong. No repeat helps until whoever runs the
 * service has mended that; then the same job can still be done.
 */
export class ProviderMisconfigured extends Error {
  constructor(provider: Provider, what: string, remedy: string, options?: ErrorOptions) {
    super(`${provider} refuses us (${what}): ${remedy}`, options);
    this.name = 'ProviderMisconfigured';
  }
}

/** True where no repeat mends a failure. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || (error instanceof Fault && error.cause instanceof PermanentError);
}

const MAX_LENGTH = 300;
/** What error messages of others are known to quote: addresses, activation codes, keys and tokens. */
const SECRETS: readonly [RegExp, string][] = [
  [/\S+@\S+/g, '[address]'],
  [/\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b/gi, '[code]'],
  [/\b(?:sk|rk|pk|whsec|sb_secret)_\w+/g, '[key]'],
  [/\b(?:pi|seti|cs)_\w+_secret_\w+/g, '[secret]'],
  [/\bmb_(?:live|test)_\w+/g, '[key]'],
  [/(\w+:\/\/[^\s/]+)\/\S*/g, '$1/…'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[token]'],
];

function field(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/**
 * Why an attempt failed, in a line that may be stored and logged: no address, no code, no key.
 * @example describeFailure(new Error('550 no such user a@b.example')) === 'Error: 550 no such user [address]'
 */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Fault ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return typeof cause;
  const words = [cause.name, field(cause, 'code'), field(cause, 'statusCode')].filter(Boolean).join(' ');
  let text = `${error instanceof Fault && cause !== error ? `${error.code}, ` : ''}${words}: ${cause.message}`;
  for (const [pattern, instead] of SECRETS) text = text.replace(pattern, instead);
  return text.slice(0, MAX_LENGTH);
}

type Described = { name: string; message: string; stack?: string; sql_state?: string };

/**
 * An error for the log. Only its name, words and stack, and the state of one of the database: the objects of Stripe's
 * errors carry client secrets, and fetch's carry headers.
 */
export function describeCause(cause: unknown): Described | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return { name: typeof cause, message: String(cause) };
  const { name, message, stack } = cause;
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(cause instanceof DatabaseError && { sql_state: cause.sqlState }),
  };
}
