import type { Provider } from '@supabase/auth-js';
import { useEffect, useState } from 'react';
import type { SessionState } from '../session/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { returnTo } from './return-to.ts';

/** Of Supabase's providers those that people know by name; others are shown as they are written. */
const NAMES: Record<string, string> = {
  apple: 'Apple',
  azure: 'Microsoft',
  bitbucket: 'Bitbucket',
  discord: 'Discord',
  facebook: 'Facebook',
  github: 'GitHub',
  gitlab: 'GitLab',
  google: 'Google',
  kakao: 'Kakao',
  linkedin_oidc: 'LinkedIn',
  notion: 'Notion',
  slack_oidc: 'Slack',
  spotify: 'Spotify',
  twitch: 'Twitch',
  twitter: 'X',
  x: 'X',
  zoom: 'Zoom',
};
/** A button for each provider that the project has switched on; nothing where there is none. */
export function Providers({ session, address }: { session: SessionState; address: string }) {
  const entry = useWords('entry');
  const [providers, setProviders] = useState<string[]>([]);
  useEffect(() => {
    let gone = false;
    session.providers().then(
      (found) => !gone && setProviders(found),
      (error: unknown) => console.warn('the providers of sign-ins are not known', error),
    );
    return () => {
      gone = true;
    };
  }, [session.providers]);
  if (providers.length === 0) return null;

  async function enter(provider: string) {
    const options = { redirectTo: returnTo(address) };
    await (await session.auth()).signInWithOAuth({ provider: provider as Provider, options });
  }
  return (
    <div className="stack providers">
      <p className="or">{entry.or}</p>
      {providers.map((provider) => (
        <button
          key={provider}
          type="button"
          onClick={() => enter(provider)}
          data-testid={`provider-${provider}`}
        >
          {entry.with(NAMES[provider] ?? provider)}
        </button>
      ))}
    </div>
  );
}
