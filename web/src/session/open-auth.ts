import { AuthClient, type GoTrueClient } from '@supabase/auth-js';
import type { PageConfig } from '../../../shared/api/config.ts';

/**
 * The sign-in service of the project. Only that part of supabase-js, which would be three times as much to load; with
 * the key of the storage that supabase-js uses, so that who was signed in with it stays so.
 */
export function openAuth({ url, publishable_key: key }: PageConfig['supabase']): GoTrueClient {
  const address = new URL(url);
  return new AuthClient({
    url: `${url.replace(/\/$/, '')}/auth/v1`,
    // Written as the library writes it, which puts the person's token in its place.
    headers: { apikey: key, Authorization: `Bearer ${key}` },
    storageKey: `sb-${address.hostname.split('.')[0]}-auth-token`,
    persistSession: true,
    autoRefreshToken: true,
    detectSessionInUrl: true,
    flowType: 'implicit',
  });
}
