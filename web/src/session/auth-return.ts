/** Supabase's codes (https://supabase.com/docs/guides/auth/debugging/error-codes) of links in mails. */
const WORDS: Record<string, string> = {
  otp_expired:
    'This link was used already, or is too old. If you are not signed in, try that: an address that is confirmed needs no link, and for any other one signing up again sends a new one.',
  access_denied: 'This link does not let you in. Sign in, or sign up again for a new one.',
  flow_state_expired: 'This link is too old. Sign in, or sign up again for a new one.',
  flow_state_not_found: 'This link was opened in another browser, or was used already. Sign in.',
  bad_code_verifier: 'This link was opened in another browser than it was asked for in. Sign in.',
  user_banned: 'This account is closed.',
};

/**
 * What to say when a link of a mail led here and did not let anybody in, or null otherwise. Supabase puts why into the
 * fragment or the query; it is taken out of the address bar, where nobody reads it and a reload would bring it back.
 */
export function takeAuthReturn(
  location: { pathname: string; search: string; hash: string },
  history: { replaceState(data: unknown, unused: string, url: string): void },
): string | null {
  const query = new URLSearchParams(location.search);
  const fragment = new URLSearchParams(location.hash.replace(/^#\/?/, ''));
  const told = [fragment, query].find((one) =>
    ['error', 'error_code', 'error_description'].some((name) => one.has(name)),
  );
  if (told === undefined) return null;
  const code = told.get('error_code') ?? told.get('error') ?? '';
  for (const name of ['error', 'error_code', 'error_description']) query.delete(name);
  const rest = query.size === 0 ? '' : `?${query}`;
  // Who wanted to be let in is shown the door. The room of a new password has words of its own.
  const room = location.pathname === '/' ? '/sign-in' : location.pathname;
  history.replaceState(null, '', room + rest);
  return WORDS[code] ?? 'This link did not work. Sign in, or sign up again for a new one.';
}
