import { useState } from 'react';
import { Link } from 'wouter';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { AuthForm, type OpenAuth } from './auth-form.tsx';
import { EmailField } from './fields.tsx';
import './sign-in.css';

/** For who has forgotten their password: a mail with a link to choose a new one. */
export default function ForgotRoom({ auth }: { auth: OpenAuth }) {
  const entry = useWords('entry');
  const { rooms } = useWords('shell');
  const [email, setEmail] = useState('');
  return (
    <div className="entry">
      <RoomHeading>{rooms.forgotPassword}</RoomHeading>
      <section className="panel" aria-label={rooms.forgotPassword}>
        <AuthForm
          auth={auth}
          submit={entry.sendLink}
          testId="forgot"
          onSubmit={async (client) => {
            const redirectTo = new URL('/new-password', window.location.origin).href;
            const { error } = await client.resetPasswordForEmail(email, { redirectTo });
            return error ?? entry.forgotSent;
          }}
        >
          <p className="faint">{entry.forgotWhy}</p>
          <EmailField value={email} onChange={setEmail} />
        </AuthForm>
      </section>
      <div className="entry-foot">
        <Link href="/sign-in">{entry.backToSignIn}</Link>
      </div>
    </div>
  );
}
