import { createClient } from '@supabase/supabase-js';
import { useCallback, useMemo, useState } from 'react';
import type { PageConfig } from '../../shared/api/config.ts';
import { accessToken } from './account/access-token.ts';
import { PageHeader } from './account/page-header.tsx';
import { useSession } from './account/use-session.ts';
import { Welcome } from './account/welcome.tsx';
import { loadPricing } from './api/sidecar.ts';
import { usePolled } from './api/use-polled.ts';
import { SignedIn } from './signed-in.tsx';
import { useActivationLink } from './time-cards/use-activation-link.ts';

const PRICING_MS = 600_000;

interface AppProps {
  config: PageConfig;
  /** What a return from a bank's page has to say, or null. */
  paymentReturn: string | null;
  /** The activation code of the link that opened the page, or null. */
  linkCode: string | null;
}

export function App({ config, paymentReturn, linkCode }: AppProps) {
  const supabase = useMemo(
    () => createClient(config.supabase.url, config.supabase.publishable_key),
    [config],
  );
  const session = useSession(supabase);
  const pricing = usePolled(loadPricing, PRICING_MS);
  const token = useCallback(() => accessToken(supabase), [supabase]);
  const giftCode = useActivationLink(linkCode);
  const [notice, setNotice] = useState(paymentReturn);

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
