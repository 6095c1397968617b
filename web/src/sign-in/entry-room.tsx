import { useState } from 'react';
import { Link } from 'wouter';
import type { SessionState } from '../session/use-session.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { AuthForm, type OpenAuth } from './auth-form.tsx';
import { EmailField, newPasswordSlip, PasswordField } from './fields.tsx';
import { Providers } from './providers.tsx';
import { returnTo } from './return-to.ts';
import './sign-in.css';

interface EntryRoomProps {
  session: SessionState;
  /** Of the room that somebody wants to be in. */
  address: string;
}

type Way = 'sign-in' | 'sign-up' | 'link';

/** The way in: signing in, or a new account. Once somebody is in, the room of this address takes its place. */
export default function EntryRoom({ session, address }: EntryRoomProps) {
  const entry = useWords('entry');
  const shell = useWords('shell');
  const { rooms } = shell;
  const { auth } = session;
  const [way, setWay] = useState<Way>(address === '/sign-up' ? 'sign-up' : 'sign-in');
  const [email, setEmail] = useState('');
  const isEntry = address === '/sign-in' || address === '/sign-up';
  const isGift = address === '/gift';
  const other = (to: Way, label: string, testId: string) => (
    <button type="button" className="link" onClick={() => setWay(to)} data-testid={testId}>
      {label}
    </button>
  );
  return (
    <div className="entry">
      <RoomHeading>{way === 'sign-up' ? rooms.signUp : rooms.signIn}</RoomHeading>
      {isGift && <p className="notice">{shell.giftWaits}</p>}
      {!isEntry && !isGift && <p className="faint">{entry.toGoOn}</p>}
      <section className="panel" aria-label={way === 'sign-up' ? rooms.signUp : rooms.signIn}>
        {way === 'sign-in' && <SignInForm auth={auth} email={email} onEmail={setEmail} />}
        {way === 'sign-up' && <SignUpForm auth={auth} email={email} onEmail={setEmail} address={address} />}
        {way === 'link' && <LinkForm auth={auth} email={email} onEmail={setEmail} address={address} />}
        <Providers session={session} address={address} />
      </section>
      <div className="entry-foot">
        {way === 'sign-up' ? (
          <p>
            {entry.haveAccount} {other('sign-in', rooms.signIn, 'have-account')}
          </p>
        ) : (
          <p>
            {entry.noAccount} {other('sign-up', rooms.signUp, 'no-account')}
          </p>
        )}
        {way === 'sign-in' && <p>{other('link', entry.byLink, 'by-link')}</p>}
        {way === 'link' && <p>{other('sign-in', entry.byPassword, 'by-password')}</p>}
      </div>
    </div>
  );
}

interface FormProps {
  auth: OpenAuth;
  email: string;
  onEmail: (email: string) => void;
}

function SignInForm({ auth, email, onEmail }: FormProps) {
  const entry = useWords('entry');
  const [password, setPassword] = useState('');
  return (
    <AuthForm
      auth={auth}
      submit={entry.signInNow}
      testId="sign-in"
      onSubmit={async (client) => (await client.signInWithPassword({ email, password })).error}
    >
      <EmailField value={email} onChange={onEmail} />
      <PasswordField
        value={password}
        onChange={setPassword}
        isNew={false}
        aside={<Link href="/forgot-password">{entry.forgot}</Link>}
      />
    </AuthForm>
  );
}

function SignUpForm({ auth, email, onEmail, address }: FormProps & { address: string }) {
  const entry = useWords('entry');
  const [password, setPassword] = useState('');
  return (
    <AuthForm
      auth={auth}
      submit={entry.signUpNow}
      testId="sign-up"
      check={() => newPasswordSlip(password, entry)}
      onSubmit={async (client) => {
        const options = { emailRedirectTo: returnTo(address) };
        const { data, error } = await client.signUp({ email, password, options });
        // Where addresses are confirmed, Supabase answers a taken address in the same way on purpose.
        return error ?? (data.session ? null : entry.confirm);
      }}
    >
      <EmailField value={email} onChange={onEmail} />
      <PasswordField value={password} onChange={setPassword} isNew />
      <small>
        {entry.agree} <Link href="/terms">{entry.terms}</Link> {entry.and}{' '}
        <Link href="/privacy">{entry.privacy}</Link>.
      </small>
    </AuthForm>
  );
}

function LinkForm({ auth, email, onEmail, address }: FormProps & { address: string }) {
  const entry = useWords('entry');
  return (
    <AuthForm
      auth={auth}
      submit={entry.sendLink}
      testId="send-link"
      onSubmit={async (client) => {
        const options = { emailRedirectTo: returnTo(address), shouldCreateUser: false };
        const { error } = await client.signInWithOtp({ email, options });
        // Said in the same words whether there is an account or not: who has one is nobody's business.
        return error && error.code !== 'otp_disabled' ? error : entry.linkSent;
      }}
    >
      <p className="faint">{entry.byLinkWhy}</p>
      <EmailField value={email} onChange={onEmail} />
    </AuthForm>
  );
}
