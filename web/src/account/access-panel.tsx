import { useState } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePerson } from '../person/person.tsx';
import type { SessionState } from '../session/use-session.ts';
import { authErrorWords } from '../sign-in/auth-error-words.ts';
import { AuthForm } from '../sign-in/auth-form.tsx';
import { EmailField, newPasswordSlip, PasswordField } from '../sign-in/fields.tsx';
import '../sign-in/sign-in.css';
import { useWords } from '../words/use-words.ts';

/** How somebody signs in: address, password, and the ways out. */
export function AccessPanel({ session }: { session: SessionState }) {
  const { access } = useWords('account');
  const { errors: authErrors } = useWords('auth');
  const { user } = usePerson();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  async function leave(everywhere: boolean) {
    setBusy(true);
    setError(null);
    const failure = await session.signOut(everywhere);
    if (failure) setError(new Error(authErrorWords(failure, authErrors)));
    setBusy(false);
  }

  return (
    <section className="panel" aria-labelledby="access" data-testid="access">
      <h2 id="access">{access.title}</h2>
      <p>
        {access.signedInAs} <strong className="who">{user.email}</strong>
      </p>
      <details>
        <summary>{access.changeEmail}</summary>
        <ChangeEmail session={session} />
      </details>
      <details>
        <summary>{access.changePassword}</summary>
        <ChangePassword session={session} />
      </details>
      <div className="row">
        <button type="button" disabled={busy} onClick={() => leave(false)} data-testid="sign-out">
          {access.signOut}
        </button>
        <button
          type="button"
          className="quiet"
          disabled={busy}
          onClick={() => leave(true)}
          aria-describedby="everywhere"
          data-testid="sign-out-everywhere"
        >
          {access.signOutEverywhere}
        </button>
      </div>
      <small id="everywhere">{access.everywhereWhy}</small>
      {error && <ErrorMessage error={error} />}
    </section>
  );
}

function ChangeEmail({ session }: { session: SessionState }) {
  const { access } = useWords('account');
  const [email, setEmail] = useState('');
  return (
    <AuthForm
      auth={session.auth}
      submit={access.saveEmail}
      testId="save-email"
      onSubmit={async (client) => {
        const emailRedirectTo = new URL('/account', window.location.origin).href;
        const { data, error } = await client.updateUser({ email }, { emailRedirectTo });
        if (error) return error;
        return data.user.email === email.toLowerCase() ? access.emailChanged : access.emailSent;
      }}
    >
      <EmailField label={access.newEmail} value={email} onChange={setEmail} />
    </AuthForm>
  );
}

function ChangePassword({ session }: { session: SessionState }) {
  const entry = useWords('entry');
  const [password, setPassword] = useState('');
  return (
    <AuthForm
      auth={session.auth}
      submit={entry.savePassword}
      testId="change-password"
      check={() => newPasswordSlip(password, entry)}
      onSubmit={async (client) => {
        const { error } = await client.updateUser({ password });
        if (error) return error;
        setPassword('');
        return entry.passwordSaved;
      }}
    >
      <PasswordField label={entry.newPassword} value={password} onChange={setPassword} isNew />
    </AuthForm>
  );
}
