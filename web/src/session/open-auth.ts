import { AuthClient, type GoTrueClient } from '@supabase/auth-js';
import type { PageConfig } from '../../../shared/api/config.ts';
import { storageKeyOf } from './stored-session.ts';

/**
 * The sign-in service of the project. Only that part of supabase-js, which would be three times as much to load.
 */
export function openAuth({ url, publishable_key: key }: PageConfig['supabase']): GoTrueClient {
  return new AuthClient({
    url: `${url.replace(/\/$/, '')}/auth/v1`,
    // Written as the library writes it, which puts the person's token in its place.
    headers: { apikey: key, Authorization: `Bearer ${key}` },
    storageKey: storageKeyOf(url),
    persistSession: true,
    autoRefreshToken: true,
    detectSessionInUrl: true,
    flowType: 'implicit',
  });
}
