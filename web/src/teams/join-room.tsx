import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ErrorMessage } from '../api/error-message.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import type { TeamsApi } from './teams-api.ts';
import { useChange } from './use-change.ts';

/** Where the link of an invitation leads: its token stands behind the address, which no server sees. */
export function JoinRoom({ api }: { api: TeamsApi }) {
  const words = useWords('teams');
  const [, navigate] = useLocation();
  const [token] = useState(() => window.location.hash.slice(1));
  const { busy, error, change } = useChange();
  const join = () =>
    void change(async () => navigate(`/teams/${(await api.join(token)).id}`, { replace: true }));
  return (
    <div className="narrow stack">
      <RoomHeading>{words.join.title}</RoomHeading>
      <section className="panel" aria-label={words.join.title}>
        <p>{token === '' ? words.join.noLink : words.join.about}</p>
        <div className="row">
          {token !== '' && (
            <button type="button" disabled={busy} onClick={join} data-testid="join-team">
              {words.join.now}
            </button>
          )}
          <Link href="/teams" className="button second">
            {words.all}
          </Link>
        </div>
        {error != null && <ErrorMessage error={error} />}
      </section>
    </div>
  );
}
