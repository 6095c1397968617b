import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { PageConfig } from '../../shared/api/config.ts';
import { Welcome } from './account/welcome.tsx';
import { ApiError } from './api/request.ts';
import { loadPricing } from './api/sidecar.ts';
import { usePolled } from './api/use-polled.ts';
import { SignedIn } from './signed-in.tsx';
import { useActivationLink } from './time-cards/activation-link.ts';

const PRICING_MS = 600_000;

interface AppProps {
  config: PageConfig;
  /** What a return from another page has to say, or null. */
  returnWords: string | null;
  /** The activation code of the link that opened the page, or null. */
  linkCode: string | null;
}

export function App({ config, returnWords, linkCode }: AppProps) {
  const supabase = useMemo(
    () => createClient(config.supabase.url, config.supabase.publishable_key),
    [config],
  );
  const session = useSession(supabase);
  const pricing = usePolled(loadPricing, PRICING_MS);
  const token = useCallback(() => accessToken(supabase), [supabase]);
  const giftCode = useActivationLink(linkCode);
  const [notice, setNotice] = useState(returnWords);

  async function signOut() {
    // Only this browser; and the stored session is forgotten even when the service cannot be reached.
    await supabase.auth.signOut({ scope: 'local' });
  }

  return (
    <div className="page">
      <PageHeader email={session?.user.email ?? null} onSignOut={signOut} />
      {notice && (
        <div className="notice" role="status">
          {notice}{' '}
          <button type="button" className="quiet" onClick={() => setNotice(null)}>
            Close
          </button>
        </div>
      )}
      {session === null && giftCode !== null && (
        <p className="notice" role="status">
          Your link brought a gift code. Sign in or sign up, and it waits for you there.
        </p>
      )}
      {session === null && <Welcome supabase={supabase} pricing={pricing.data} />}
      {session && (
        <SignedIn
          key={session.user.id}
          userId={session.user.id}
          accessToken={token}
          config={config}
          pricing={pricing}
          linkCode={giftCode}
        />
      )}
    </div>
  );
}

interface PageHeaderProps {
  email: string | null;
  onSignOut: () => Promise<void>;
}

function PageHeader({ email, onSignOut }: PageHeaderProps) {
  const [busy, setBusy] = useState(false);

  async function signOut() {
    setBusy(true);
    await onSignOut();
    setBusy(false);
  }

  return (
    <header className="page-header">
      <strong className="brand">MindBot</strong>
      {email && (
        <div className="row">
          <span className="who">{email}</span>
          <button type="button" className="quiet" disabled={busy} onClick={signOut} data-testid="sign-out">
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}

/** The signed-in session; null when signed out, undefined while the stored one is being read. */
function useSession(supabase: SupabaseClient): Session | null | undefined {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    const { data } = supabase.auth.onAuthStateChange((_event, current) => setSession(current));
    return () => data.subscription.unsubscribe();
  }, [supabase]);
  return session;
}

/** The token for the next request, renewed by the library when it is about to expire. Throws ApiError. */
async function accessToken(supabase: SupabaseClient): Promise<string> {
  const { data } = await supabase.auth.getSession();
  if (!data.session) throw new ApiError('signed_out', 'You are signed out. Sign in again.', null, null);
  return data.session.access_token;
}
