import type { Words } from '../words/words.ts';

/**
 * A failure of the sign-in service in words (https://supabase.com/docs/guides/auth/debugging/error-codes); its own where
 * we have none.
 */
export function authErrorWords(
  error: Error & { code?: unknown },
  authErrors: Words['auth']['errors'],
): string {
  const known = authErrors[error.code as keyof typeof authErrors];
  if (known !== undefined) return known;
  if (error.name === 'AuthRetryableFetchError') return authErrors.unreachable;
  return error.message || authErrors.other;
}
