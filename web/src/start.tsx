import { useState } from 'react';
import { Router } from 'wouter';
import type { PageConfig } from '../../shared/api/config.ts';
import { ErrorMessage } from './api/error-message.tsx';
import { loadConfig } from './api/public.ts';
import { usePolled } from './api/use-polled.ts';
import { App } from './app.tsx';
import type { LinkTrouble } from './session/auth-return.ts';
import { PageFrame } from './shell/page-frame.tsx';
import { RoomSkeleton } from './shell/skeleton.tsx';
import { useWords } from './words/use-words.ts';

/** Of no account, as nothing is asked any more once there is an answer. */
const RETRY_ONLY_MS = 86_400_000;

interface StartProps {
  /** What a return from another page has to say, or null. */
  returnWords: string | null;
  linkTrouble: LinkTrouble | null;
}

/** Asks where everything is, and goes on asking: a server that is away for a moment must not leave an empty page. */
export function Start(returned: StartProps) {
  const [known, setKnown] = useState<PageConfig | null>(null);
  const config = usePolled(loadConfig, RETRY_ONLY_MS, known === null);
  // Read once: another answer would be another sign-in service, in the middle of whatever somebody is doing.
  if (known === null && config.data !== null) setKnown(config.data);
  return (
    <Router>
      {known ? (
        <App config={known} {...returned} />
      ) : (
        <PageFrame signedIn={undefined}>
          {config.error == null && !config.isAway ? (
            <RoomSkeleton />
          ) : (
            <Away error={config.error} onAgain={config.refresh} />
          )}
        </PageFrame>
      )}
    </Router>
  );
}

interface AwayProps {
  error: unknown;
  onAgain: () => void;
}

function Away({ error, onAgain }: AwayProps) {
  const shell = useWords('shell');
  const giftCode = (window.history.state as { giftCode?: string } | null)?.giftCode;
  return (
    <section className="panel narrow" aria-labelledby="start" data-testid="start">
      <h1 id="start">{shell.away}</h1>
      {error != null && <ErrorMessage error={error} />}
      <p>{shell.awaySafe}</p>
      {giftCode !== undefined && <p>{shell.awayGift}</p>}
      <div className="row">
        <button type="button" className="primary" onClick={onAgain} data-testid="start-again">
          {shell.tryNow}
        </button>
      </div>
    </section>
  );
}
