import type { Session } from '@supabase/auth-js';

/** Where the sign-in library keeps the session of a project: the key that supabase-js uses, so that who was signed in stays so. */
export const storageKeyOf = (projectUrl: string): string =>
  `sb-${new URL(projectUrl).hostname.split('.')[0]}-auth-token`;

/** The library renews a token a minute and a half before its end; before that there is nothing for it to do. */
const FRESH_SECONDS = 120;

/** The stored session while its token is good for a while: then the sign-in library need not be loaded. Else null. */
export function freshSession(key: string): Session | null {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Session> | null;
    const isWhole = typeof stored?.access_token === 'string' && typeof stored.user?.id === 'string';
    const left = (stored?.expires_at ?? 0) - Date.now() / 1000;
    return isWhole && left > FRESH_SECONDS ? (stored as Session) : null;
  } catch {
    return null;
  }
}
