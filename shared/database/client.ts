import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { Database } from './types.ts';

export type DatabaseClient = SupabaseClient<Database>;

/** How long a single request to the database may take before it counts as unanswered. */
const REQUEST_TIMEOUT_MS = 5_000;

/** The product's client: acts as `service_role`, which may read all and change money only through functions. */
export function createDatabaseClient(url: string, serviceRoleKey: string): DatabaseClient {
  return createClient<Database>(url, serviceRoleKey, {
    // Its own repeats take 7 seconds or more to admit that nobody answers; that is too long to be silent.
    db: { retry: false },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: {
      fetch: (input, init) => {
        const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
        return fetch(input, {
          ...init,
          signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
        });
      },
    },
  });
}
