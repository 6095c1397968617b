import type { GoTrueClient, Session } from '@supabase/auth-js';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { PageConfig } from '../../../shared/api/config.ts';
import { ApiError } from '../api/request.ts';
import { freshSession, storageKeyOf } from './stored-session.ts';

export interface SessionState {
  /** null when signed out, undefined while the stored one is being read. */
  session: Session | null | undefined;
  /** The sign-in service; loaded when it is needed first. */
  auth: () => Promise<GoTrueClient>;
  /** The token for the next request, renewed by the library when it is about to expire. Throws ApiError. */
  accessToken: () => Promise<string>;
  /** What else than a password the project lets people sign in with, as Supabase names it. */
  providers: () => Promise<string[]>;
  signOut: (everywhere: boolean) => Promise<Error | null>;
}

const STORED = /^sb-.+-auth-token$/;

/**
 * Who is here as far as that is known without the sign-in service, which visitors need not load, nor who has a token that
 * is good for a while. Undefined where the service has to be asked.
 */
function firstSession({ hash, search }: Location, key: string): Session | null | undefined {
  if (/[#&]access_token=/.test(hash) || new URLSearchParams(search).has('code')) return undefined;
  const isStored = Object.keys(localStorage).some((name) => STORED.test(name));
  return isStored ? (freshSession(key) ?? undefined) : null;
}

/** @param onRecovery is called when a link of a mail let somebody in who has forgotten their password */
export function useSession(config: PageConfig['supabase'], onRecovery: () => void): SessionState {
  const key = storageKeyOf(config.url);
  const [session, setSession] = useState(() => firstSession(window.location, key));
  const opened = useRef<Promise<GoTrueClient> | null>(null);

  const auth = useCallback(() => {
    opened.current ??= import('./open-auth.ts').then(({ openAuth }) => {
      const client = openAuth(config);
      client.onAuthStateChange((event, current) => {
        setSession((known) => (isSame(known, current) ? known : current));
        if (event === 'PASSWORD_RECOVERY') onRecovery();
      });
      return client;
    });
    // The next try may have a connection.
    opened.current.catch(() => {
      opened.current = null;
    });
    return opened.current;
  }, [config, onRecovery]);

  useEffect(() => {
    if (session === undefined) auth().catch(() => setTimeout(() => setSession(undefined), RETRY_MS));
  }, [session, auth]);

  useEffect(() => {
    // The library tells its other tabs, where it is loaded.
    const onStorage = (event: StorageEvent) => {
      if (event.key === key && event.newValue === null) setSession(null);
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }, [key]);

  const accessToken = useCallback(async () => {
    const fresh = opened.current === null ? freshSession(key) : null;
    if (fresh !== null) return fresh.access_token;
    const { data } = await (await auth()).getSession();
    if (!data.session) throw new ApiError('signed_out', 'You are signed out. Sign in again.', null, null);
    return data.session.access_token;
  }, [auth, key]);

  const signOut = useCallback(
    async (everywhere: boolean) => {
      // Of this browser the stored session is forgotten even when the service cannot be reached.
      const { error } = await (await auth()).signOut({ scope: everywhere ? 'global' : 'local' });
      return error;
    },
    [auth],
  );

  const providers = useCallback(() => readProviders(config), [config]);
  return { session, auth, accessToken, providers, signOut };
}

/** They stand in the same list, and have forms of their own, or none. */
const NO_PROVIDERS = new Set(['email', 'phone', 'anonymous_users', 'web3_ethereum', 'web3_solana']);

/** As the project's settings have it: https://supabase.com/docs/reference/self-hosting-auth/returns-the-configuration-settings-for-the-gotrue-server */
async function readProviders({ url, publishable_key }: PageConfig['supabase']): Promise<string[]> {
  const address = `${url.replace(/\/$/, '')}/auth/v1/settings`;
  const answer = await fetch(address, { headers: { apikey: publishable_key } });
  const { external } = (await answer.json()) as { external?: Record<string, boolean> };
  return Object.entries(external ?? {})
    .filter(([name, isOn]) => isOn && !NO_PROVIDERS.has(name))
    .map(([name]) => name);
}

const RETRY_MS = 2_000;

/** A renewed token is another session to the library, and none to the page. */
function isSame(known: Session | null | undefined, current: Session | null): boolean {
  return known?.user.id === current?.user.id && known?.user.email === current?.user.email && known != null;
}
