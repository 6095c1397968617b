/** Supabase's codes (https://supabase.com/docs/guides/auth/debugging/error-codes) of links in mails. */
const KNOWN = [
  'otp_expired',
  'access_denied',
  'flow_state_expired',
  'flow_state_not_found',
  'bad_code_verifier',
  'user_banned',
] as const;

/** Why a link let nobody in: what is said of it stands in the words of signing in. */
export type LinkTrouble = (typeof KNOWN)[number] | 'other';

/**
 * Why a link of a mail that led here did not let anybody in, or null otherwise. Supabase puts why into the
 * fragment or the query; it is taken out of the address bar, where nobody reads it and a reload would bring it back.
 */
export function takeAuthReturn(
  location: { pathname: string; search: string; hash: string },
  history: { replaceState(data: unknown, unused: string, url: string): void },
): LinkTrouble | null {
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
  return KNOWN.find((known) => known === code) ?? 'other';
}
