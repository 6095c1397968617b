import { createHash, timingSafeEqual } from 'node:crypto';
import type { Store } from '../store/store.ts';
import { StripeRefusal } from './refusal.ts';
import type { KeyKind } from './route.ts';

export interface ApiKeys {
  readonly secretKey: string;
  readonly publishableKey: string;
}

function sameText(one: string, other: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function presentedKey(authorization: string | undefined): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return undefined;
  return Buffer.from(basic, 'base64').toString('utf8').split(':')[0] || undefined;
}

function masked(key: string): string {
  return key.length <= 12
    ? '*'.repeat(key.length)
    : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;
}

function unauthorized(message: string): StripeRefusal {
  return new StripeRefusal(401, 'invalid_request_error', message, {}, true);
}

/**
 * Which of the two keys a request carries (https://docs.stripe.com/api/authentication).
 * @param formKey the `key` parameter, in which Stripe.js sends the publishable key.
 * @throws StripeRefusal 401 for a missing or wrong key.
 */
export function authenticate(keys: ApiKeys, authorization: string | undefined, formKey: unknown): KeyKind {
  const key =
    presentedKey(authorization) ?? (typeof formKey === 'string' && formKey !== '' ? formKey : undefined);
  if (key === undefined) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    );
  }
  if (sameText(key, keys.secretKey)) return 'secret';
  if (sameText(key, keys.publishableKey)) return 'publishable';
  throw unauthorized(`Invalid API Key provided: ${masked(key)}`);
}

/**
 * The token of a meter event session, which opens the event stream and nothing else.
 * @throws StripeRefusal 401 for another token, and `temporary_session_expired` for one whose 15 minutes are over.
 */
export function authenticateSession(
  store: Store,
  authorization: string | undefined,
  nowSeconds: number,
): KeyKind {
  const token = presentedKey(authorization) ?? '';
  const session = store.database
    .prepare('SELECT expires FROM meter_event_sessions WHERE token = ?')
    .get(token);
  if (session === undefined) throw unauthorized(`Invalid API Key provided: ${masked(token)}`);
  if (Number(session.expires) > nowSeconds) return 'session';
  throw new StripeRefusal(
    400,
    'temporary_session_expired',
    'The authentication token has expired. Create a new meter event session.',
    { code: 'billing_meter_event_session_expired' },
    true,
  );
}

/** A publishable key on a route that is not for browsers (HTTP 403, StripePermissionError). */
export function secretKeyRequired(): StripeRefusal {
  return new StripeRefusal(
    403,
    'invalid_request_error',
    'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
    { code: 'secret_key_required' },
    true,
  );
}
