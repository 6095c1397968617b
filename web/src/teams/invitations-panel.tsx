import { type SyntheticEvent, useCallback, useState } from 'react';
import type { Role } from '../../../shared/api/tenants.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePolled } from '../api/use-polled.ts';
import { dayWords } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { RoleChoice } from './role-choice.tsx';
import type { TeamsApi } from './teams-api.ts';
import { useChange } from './use-change.ts';

const SLOW_MS = 60_000;

/** Who was asked to join and has not yet. */
export function InvitationsPanel({ api, id }: { api: TeamsApi; id: string }) {
  const { invitations: words, roles } = useWords('teams');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const { busy, error, change } = useChange();
  const list = usePolled(
    useCallback((signal: AbortSignal) => api.invitations(id, signal), [api, id]),
    SLOW_MS,
  );
  const waiting = list.data?.filter(({ status }) => status === 'waiting') ?? [];
  async function invite(event: SyntheticEvent) {
    event.preventDefault();
    if (await change(() => api.invite(id, email, role))) setEmail('');
    list.refresh();
  }
  return (
    <section className="panel" aria-labelledby="invitations" data-testid="invitations">
      <h2 id="invitations">{words.title}</h2>
      <form className="team-form" onSubmit={(event) => void invite(event)}>
        <label>
          {words.email}
          <input
            type="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            maxLength={320}
            required
            data-testid="invite-email"
          />
        </label>
        <RoleChoice label={words.role} value={role} onChange={setRole} />
        <button type="submit" disabled={busy} data-testid="invite">
          {words.send}
        </button>
      </form>
      <ul className="plain">
        {waiting.map((invitation) => (
          <li key={invitation.id} className="team-row" data-testid="invitation">
            <span>
              {invitation.email}
              <br />
              <span className="faint">
                {roles[invitation.role]}, {words.until(dayWords(invitation.expires_at))}
              </span>
            </span>
            <button
              type="button"
              className="quiet"
              disabled={busy}
              aria-label={words.revokeLabel(invitation.email)}
              onClick={() => void change(() => api.revoke(id, invitation.id)).then(list.refresh)}
            >
              {words.revoke}
            </button>
          </li>
        ))}
      </ul>
      {(error ?? list.error) != null && <ErrorMessage error={error ?? list.error} />}
    </section>
  );
}
