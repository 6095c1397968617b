import type { AuthError } from '@supabase/supabase-js';

// https://supabase.com/docs/guides/auth/debugging/error-codes
const WORDS: Record<string, string> = {
  invalid_credentials: 'E-mail or password is wrong.',
  email_not_confirmed: 'This address is not confirmed yet: open the link in the mail we sent you.',
  user_already_exists: 'There is already an account with this address. Sign in instead.',
  email_exists: 'There is already an account with this address. Sign in instead.',
  email_address_invalid: 'This e-mail address is not valid.',
  over_email_send_rate_limit: 'Too many mails were sent to this address. Wait a few minutes.',
  over_request_rate_limit: 'Too many tries. Wait a minute, then try again.',
  signup_disabled: 'New accounts cannot be made at the moment.',
};

/** A sign-in failure in words; the library's own where we have none (weak passwords say what is missing). */
export function authErrorWords(error: AuthError): string {
  const known = error.code ? WORDS[error.code] : undefined;
  if (known) return known;
  if (error.name === 'AuthRetryableFetchError') return 'The sign-in service cannot be reached. Try again.';
  return error.message || 'Signing in failed.';
}
