import { createClient } from '@supabase/supabase-js';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';

const MOST_WRONG = 5;
const WINDOW_MS = 3_600_000;
const MOST_KNOWN = 10_000;
const OPTIONS = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } };

type Claim = { userId: string; email: string; password: string };

/**
 * Makes a check of passwords by the auth server, the only one who knows them. Whoever holds a token of somebody else's must
 * not guess on: after five wrong ones within an hour nothing is asked any more. It counts in this process only, as a guess
 * costs the auth server's own limits, too.
 */
export function createPasswordCheck(config: SidecarConfig): (claim: Claim) => Promise<void> {
  const wrong = new Map<string, { count: number; untilMs: number }>();

  /** @throws Fault `forbidden`, `too_many_requests`, `database_unavailable` */
  return async ({ userId, email, password }) => {
    const known = wrong.get(userId);
    const count = known !== undefined && known.untilMs > performance.now() ? known.count : 0;
    if (count >= MOST_WRONG) {
      throw new Fault('too_many_requests', 'The password was wrong too often. Try again in an hour.');
    }
    const { auth } = createClient(config.SUPABASE_URL, config.SUPABASE_PUBLISHABLE_KEY, OPTIONS);
    const { data, error } = await auth.signInWithPassword({ email, password });
    if (data.user?.id === userId) {
      wrong.delete(userId);
      return;
    }
    if (error !== null && (error.status === undefined || error.status >= 500 || error.status === 429)) {
      throw new Fault('database_unavailable', 'The sign-in service does not answer. Try again.', {
        cause: error,
      });
    }
    if (wrong.size >= MOST_KNOWN) wrong.clear();
    wrong.set(userId, { count: count + 1, untilMs: performance.now() + WINDOW_MS });
    throw new Fault('forbidden', 'The password is wrong. The account was not deleted.');
  };
}
