import type { AuthError, GoTrueClient } from '@supabase/auth-js';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { useWords } from '../words/use-words.ts';
import { authErrorWords } from './auth-error-words.ts';

export type OpenAuth = () => Promise<GoTrueClient>;

interface AuthFormProps {
  auth: OpenAuth;
  submit: string;
  testId: string;
  /** @returns what is wrong with what was typed: then nobody is asked */
  check?: () => string | null;
  /** @returns what failed, or the news to show (null for none: the page moves on by itself) */
  onSubmit: (auth: GoTrueClient) => Promise<AuthError | string | null>;
  children: ReactNode;
}

/** A form that asks the sign-in service something, and says in words what came of it. */
export function AuthForm({ auth, submit, testId, check, onSubmit, children }: AuthFormProps) {
  const { errors: authErrors } = useWords('auth');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [news, setNews] = useState('');
  /** While somebody types. When it cannot be loaded, pressing the button says so. */
  function load() {
    auth().catch(() => undefined);
  }

  async function run(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setNews('');
    const slip = check?.() ?? null;
    setError(slip === null ? null : new Error(slip));
    if (slip !== null) return;
    setBusy(true);
    try {
      const outcome = await onSubmit(await auth());
      if (typeof outcome === 'string') setNews(outcome);
      else if (outcome !== null) setError(new Error(authErrorWords(outcome, authErrors)));
    } catch (cause) {
      console.error('the sign-in service could not be asked', cause);
      setError(new Error(authErrors.unreachable));
    }
    setBusy(false);
  }

  return (
    <form className="stack" onSubmit={run} onFocus={load}>
      {children}
      <button type="submit" className="primary" disabled={busy} data-testid={testId}>
        {submit}
      </button>
      <div className="status" aria-live="polite" data-testid={`${testId}-status`}>
        {error ? <ErrorMessage error={error} /> : news && <p className="good">{news}</p>}
      </div>
    </form>
  );
}
