import type { AuthError, SupabaseClient } from '@supabase/supabase-js';
import { type SubmitEvent, useState } from 'react';
import { LEAST_PASSWORD_LENGTH } from '../../../shared/api/password.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';

interface WelcomeProps {
  supabase: SupabaseClient;
  pricing: PricingResponse | null;
}

/** What a visitor sees before signing in: what this is, what it costs, and the way in. */
export function Welcome({ supabase, pricing }: WelcomeProps) {
  return (
    <main className="columns">
      <section className="panel shop" aria-labelledby="what">
        <h1 id="what">Talk with an assistant. Pay by the second.</h1>
        <p>
          Buy time in advance, talk as long as it lasts. Only what you talk is charged, by the second;
          connecting, outages and the goodbye are free. Time can be a gift, too.
        </p>
        <table className="prices">
          <caption>Prices</caption>
          <tbody>
            {pricing?.packages.map((item) => (
              <tr key={item.id}>
                <th scope="row">{item.name}</th>
                <td>{shortDuration(item.total_minutes * 60)}</td>
                <td className="number">{money(item.price_cents, item.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="panel" aria-labelledby="enter">
        <h2 id="enter">Your account</h2>
        <SignInForm supabase={supabase} />
      </section>
    </main>
  );
}

/** Signing up and signing in share one form: same fields, two buttons. */
function SignInForm({ supabase }: { supabase: SupabaseClient }) {
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
    if (password.length < LEAST_PASSWORD_LENGTH) {
      return new Error(`A new password must have ${LEAST_PASSWORD_LENGTH} characters or more.`);
    }
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
          aria-describedby="password-rule"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          data-testid="password"
        />
        <small id="password-rule">To sign up: {LEAST_PASSWORD_LENGTH} characters or more.</small>
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

// https://supabase.com/docs/guides/auth/debugging/error-codes
const WORDS: Record<string, string> = {
  invalid_credentials: 'E-mail or password is wrong.',
  email_not_confirmed: 'This address is not confirmed yet: open the link in the mail we sent you.',
  user_already_exists: 'There is already an account with this address. Sign in instead.',
  email_exists: 'There is already an account with this address. Sign in instead.',
  email_address_invalid: 'This e-mail address is not valid.',
  over_email_send_rate_limit: 'Too many mails were sent to this address. Wait a few minutes.',
  over_request_rate_limit: 'Too many tries. Wait a minute, then try again.',
  signup_disabled: 'New accounts cannot be made at the moment.',
};

/** A sign-in failure in words; the library's own where we have none (weak passwords say what is missing). */
function authErrorWords(error: AuthError): string {
  const known = error.code ? WORDS[error.code] : undefined;
  if (known) return known;
  if (error.name === 'AuthRetryableFetchError') return 'The sign-in service cannot be reached. Try again.';
  return error.message || 'Signing in failed.';
}
