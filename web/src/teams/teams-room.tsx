import { type SyntheticEvent, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePolled } from '../api/use-polled.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { Skeleton } from '../shell/skeleton.tsx';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import type { TeamsApi } from './teams-api.ts';
import { useChange } from './use-change.ts';

const SLOW_MS = 60_000;

/** The organisations that somebody belongs to, and a new one. */
export function TeamsRoom({ api }: { api: TeamsApi }) {
  const words = useWords('teams');
  const teams = usePolled(api.list, SLOW_MS);
  return (
    <div className="narrow stack">
      <RoomHeading>{words.title}</RoomHeading>
      <section className="panel" aria-labelledby="own-teams" data-testid="teams">
        <h2 id="own-teams">{words.yours}</h2>
        {teams.data === null && teams.error == null && <Skeleton lines={3} />}
        {teams.data?.length === 0 && <p className="faint">{words.none}</p>}
        {teams.data !== null && teams.data.length > 0 && (
          <ul className="plain">
            {teams.data.map((team) => (
              <li key={team.id} className="team-row" data-testid="team">
                <Link href={`/teams/${team.id}`}>{team.name}</Link>
                <span>
                  <span className="tag">{words.roles[team.role]}</span> {shortDuration(team.balance_seconds)}
                </span>
              </li>
            ))}
          </ul>
        )}
        {teams.error != null && <ErrorMessage error={teams.error} />}
      </section>
      <NewTeam api={api} />
    </div>
  );
}

function NewTeam({ api }: { api: TeamsApi }) {
  const words = useWords('teams');
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const { busy, error, change } = useChange();
  // The same one for a repeat of the same attempt, so that a lost answer makes no second team.
  const attempt = useRef({ name: '', key: '' });
  function make(event: SyntheticEvent) {
    event.preventDefault();
    if (attempt.current.name !== name) attempt.current = { name, key: crypto.randomUUID() };
    void change(async () => navigate(`/teams/${(await api.create(name, attempt.current.key)).id}`));
  }
  return (
    <section className="panel" aria-labelledby="new-team">
      <h2 id="new-team">{words.make}</h2>
      <p className="faint">{words.about}</p>
      <form className="team-form" onSubmit={make}>
        <label>
          {words.name}
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={200}
            required
            data-testid="team-name"
          />
        </label>
        <button type="submit" disabled={busy} data-testid="make-team">
          {words.makeIt}
        </button>
      </form>
      {error != null && <ErrorMessage error={error} />}
    </section>
  );
}
