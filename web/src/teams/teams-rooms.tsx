import { useMemo } from 'react';
import { Route, Switch } from 'wouter';
import type { SessionState } from '../session/use-session.ts';
import { JoinRoom } from './join-room.tsx';
import { TeamRoom } from './team-room.tsx';
import { connectTeams } from './teams-api.ts';
import { TeamsRoom } from './teams-room.tsx';
import './teams.css';

/** The rooms of organisations: loaded by who goes there. */
export default function TeamsRooms({ session }: { session: SessionState }) {
  const { accessToken } = session;
  const api = useMemo(() => connectTeams(accessToken), [accessToken]);
  return (
    <Switch>
      <Route path="/teams/join">
        <JoinRoom api={api} />
      </Route>
      <Route path="/teams/:id">{({ id }) => <TeamRoom key={id} api={api} id={id} />}</Route>
      <Route>
        <TeamsRoom api={api} />
      </Route>
    </Switch>
  );
}
