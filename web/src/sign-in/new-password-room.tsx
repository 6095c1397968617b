import { useState } from 'react';
import { Link } from 'wouter';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { AuthForm, type OpenAuth } from './auth-form.tsx';
import { newPasswordSlip, PasswordField } from './fields.tsx';
import './sign-in.css';

/** Where the link of a recovery mail leads to. It has let somebody in; now they choose a new password. */
export default function NewPasswordRoom({ auth }: { auth: OpenAuth }) {
  const { rooms } = useWords('shell');
  const entry = useWords('entry');
  const [password, setPassword] = useState('');
  const [saved, setSaved] = useState(false);
  return (
    <div className="entry">
      <RoomHeading>{rooms.newPassword}</RoomHeading>
      <section className="panel" aria-label={rooms.newPassword}>
        {saved ? (
          <div className="stack" role="status" data-testid="password-saved">
            <p className="good">{entry.passwordSaved}</p>
            <Link href="/talk" className="button">
              {entry.goOn}
            </Link>
          </div>
        ) : (
          <AuthForm
            auth={auth}
            submit={entry.savePassword}
            testId="save-password"
            check={() => newPasswordSlip(password, entry)}
            onSubmit={async (client) => {
              const { error } = await client.updateUser({ password });
              setSaved(error === null);
              return error;
            }}
          >
            <p className="faint">{entry.newPasswordWhy}</p>
            <PasswordField label={entry.newPassword} value={password} onChange={setPassword} isNew />
          </AuthForm>
        )}
      </section>
    </div>
  );
}

/** The same address without having been let in. */
export function NewPasswordLink() {
  const entry = useWords('entry');
  const { rooms } = useWords('shell');
  return (
    <div className="entry">
      <RoomHeading>{rooms.newPassword}</RoomHeading>
      <section className="panel" aria-label={rooms.newPassword}>
        <p>{entry.deadLink}</p>
        <Link href="/forgot-password" className="button" data-testid="ask-again">
          {entry.askAgain}
        </Link>
      </section>
    </div>
  );
}
