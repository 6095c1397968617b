import { useCallback } from 'react';
import { ErrorMessage } from './api/error-message.tsx';
import { loadConfig } from './api/sidecar.ts';
import { usePolled } from './api/use-polled.ts';
import { App } from './app.tsx';

const ONCE_A_DAY_MS = 86_400_000;

interface StartProps {
  /** What a link or a return from another page has to say, or null. */
  returnWords: string | null;
  /** The activation code of the link that opened the page, or null. */
  linkCode: string | null;
}

/** Asks where everything is, and goes on asking: a server that is away for a moment must not leave an empty page. */
export function Start({ returnWords, linkCode }: StartProps) {
  const config = usePolled(
    useCallback((signal: AbortSignal) => loadConfig(signal), []),
    ONCE_A_DAY_MS,
  );
  if (config.data) return <App config={config.data} returnWords={returnWords} linkCode={linkCode} />;
  return (
    <div className="page">
      <header className="page-header">
        <strong className="brand">MindBot</strong>
      </header>
      <main className="columns">
        <section className="panel" aria-labelledby="start" data-testid="start">
          <h1 id="start">{config.error == null ? 'One moment …' : 'MindBot is not to be reached'}</h1>
          {config.error != null && (
            <>
              <ErrorMessage error={config.error} />
              <p>
                Your time and your payments are safe: they are not kept in this page. It goes on trying by
                itself.
              </p>
              {linkCode !== null && <p>The gift code of your link waits here as long as the page is open.</p>}
              <div className="row">
                <button type="button" className="primary" onClick={config.refresh} data-testid="start-again">
                  Try now
                </button>
              </div>
            </>
          )}
        </section>
      </main>
    </div>
  );
}
