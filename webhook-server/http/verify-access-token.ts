import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';

export type Person = { userId: string };
export type TokenVerifier = (token: string) => Promise<Person>;

/** What Supabase signs with today, and what older projects may still use. Never `none`. */
const ASYMMETRIC = ['ES256', 'RS256'];
/**
 * How soon a key that is not known is looked for again: whoever signs in just after the project's key was changed at once
 * must not be sent to sign in again, and a made-up key must not have the set fetched for each request.
 */
const KEYS_AGAIN_MS = 1_000;
/** Where a project of Supabase publishes the keys that it signs access tokens with. */
export const keySetUrl = (supabaseUrl: string): URL =>
  new URL(`${supabaseUrl.replace(/\/$/, '')}/auth/v1/.well-known/jwks.json`);

const claims = z.object({ sub: z.uuid(), role: z.literal('authenticated'), exp: z.number() });

const MALFORMED = 'The access token is malformed or not of a signed-in person.';

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch (cause) {
    throw new Fault('not_signed_in', MALFORMED, { cause });
  }
}

function refusal(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const options = { cause: error };
  if (error instanceof errors.JWTExpired) {
    return new Fault('not_signed_in', 'The access token has expired. Sign in again.', options);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return new Fault('not_signed_in', 'The access token was not signed by this service.', options);
  }
  // No answer from the key set says nothing about the token, so it must not send anybody to sign in again.
  const noAnswer = error instanceof errors.JOSEError && error.code === errors.JOSEError.code;
  if (noAnswer || error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
    return new Fault('database_unavailable', 'The sign-in service does not answer. Try again.', options);
  }
  return new Fault('not_signed_in', MALFORMED, options);
}

/**
 * Verifies Supabase access tokens (https://supabase.com/docs/guides/auth/jwts). The header's `alg` only
 * chooses between two lists that are fixed here; each list has its own kind of key, so that a public key
 * can never pass as a shared secret.
 * @throws Fault `not_signed_in` saying why, `database_unavailable` when the key set cannot be fetched
 */
export function createTokenVerifier(options: {
  supabaseUrl: string;
  jwtSecret: string | undefined;
  now: () => Date;
}): TokenVerifier {
  const { supabaseUrl, jwtSecret, now } = options;
  const keySet = createRemoteJWKSet(keySetUrl(supabaseUrl), { cooldownDuration: KEYS_AGAIN_MS });
  const secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);

  async function verify(token: string): Promise<JWTPayload> {
    const check = { currentDate: now(), requiredClaims: ['sub', 'exp', 'role'] };
    const { payload } =
      secret !== undefined && algorithmOf(token) === 'HS256'
        ? await jwtVerify(token, secret, { ...check, algorithms: ['HS256'] })
        : await jwtVerify(token, keySet, { ...check, algorithms: ASYMMETRIC });
    return payload;
  }

  return async (token) => {
    let payload: JWTPayload;
    try {
      payload = await verify(token);
    } catch (error) {
      throw refusal(error);
    }
    const person = claims.safeParse(payload);
    if (!person.success) throw new Fault('not_signed_in', MALFORMED);
    return { userId: person.data.sub };
  };
}
