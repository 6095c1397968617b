import { useCallback } from 'react';
import { Link } from 'wouter';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePolled } from '../api/use-polled.ts';
import { Balance } from '../shell/balance.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { RoomSkeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import { InvitationsPanel } from './invitations-panel.tsx';
import { MembersPanel } from './members-panel.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { TeamUsagePanel } from './team-usage-panel.tsx';
import type { TeamsApi } from './teams-api.ts';

const SLOW_MS = 60_000;

/** One organisation: who belongs to it, what its plan allows, and what was used. */
export function TeamRoom({ api, id }: { api: TeamsApi; id: string }) {
  const words = useWords('teams');
  const team = usePolled(
    useCallback((signal: AbortSignal) => api.read(id, signal), [api, id]),
    SLOW_MS,
  );
  const members = usePolled(
    useCallback((signal: AbortSignal) => api.members(id, signal), [api, id]),
    SLOW_MS,
  );
  if (team.data === null && team.error == null) return <RoomSkeleton />;
  if (team.data === null)
    return (
      <div className="narrow stack">
        <RoomHeading>{words.title}</RoomHeading>
        <ErrorMessage error={team.error} />
        <Link href="/teams" className="button second">
          {words.all}
        </Link>
      </div>
    );
  const { role, name, balance_seconds: seconds } = team.data;
  return (
    <>
      <RoomHeading aside={<Balance seconds={seconds} />}>{name}</RoomHeading>
      <div className="columns">
        <div className="aside">
          <MembersPanel api={api} id={id} role={role} members={members} />
          {role === 'owner' && <InvitationsPanel api={api} id={id} />}
        </div>
        <div className="aside">
          <PlanPanel api={api} id={id} role={role} />
          <TeamUsagePanel api={api} id={id} members={members.data} />
        </div>
      </div>
    </>
  );
}
