import type { SupabaseClient } from '@supabase/supabase-js';
import { type SubmitEvent, useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { authErrorWords } from './auth-error-words.ts';

/** Signing up and signing in share one form: same fields, two buttons. */
export function SignInForm({ supabase }: { supabase: SupabaseClient }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [notice, setNotice] = useState('');

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const submitter = event.nativeEvent.submitter;
    const signingUp = submitter instanceof HTMLButtonElement && submitter.value === 'sign-up';
    setBusy(true);
    setError(null);
    setNotice('');
    const failure = signingUp ? await signUp() : await signIn();
    if (failure) setError(failure);
    setBusy(false);
  }

  async function signIn(): Promise<Error | null> {
    const { error } = await supabase.auth.signInWithPassword({ email, password });
    return error && new Error(authErrorWords(error));
  }

  async function signUp(): Promise<Error | null> {
    const options = { emailRedirectTo: window.location.origin };
    const { data, error } = await supabase.auth.signUp({ email, password, options });
    if (error) return new Error(authErrorWords(error));
    // Where addresses are confirmed, Supabase answers a taken address in the same way on purpose.
    if (!data.session) setNotice('Open the link in the mail we sent you, then sign in here.');
    return null;
  }

  return (
    <form className="stack" onSubmit={submit}>
      <label>
        E-mail
        <input
          type="email"
          name="email"
          autoComplete="email"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          data-testid="email"
        />
      </label>
      <label>
        Password
        <input
          type="password"
          name="password"
          autoComplete="current-password"
          required
          minLength={6}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          data-testid="password"
        />
      </label>
      <div className="row">
        <button type="submit" className="primary" value="sign-in" disabled={busy} data-testid="sign-in">
          Sign in
        </button>
        <button type="submit" value="sign-up" disabled={busy} data-testid="sign-up">
          Sign up
        </button>
      </div>
      <div className="status" aria-live="polite">
        {error ? <ErrorMessage error={error} /> : notice}
      </div>
    </form>
  );
}
