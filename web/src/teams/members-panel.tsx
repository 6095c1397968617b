import { useLocation } from 'wouter';
import type { Member, Role } from '../../../shared/api/tenants.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { usePerson } from '../person/person.tsx';
import { Skeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import { RoleChoice } from './role-choice.tsx';
import type { TeamsApi } from './teams-api.ts';
import { useChange } from './use-change.ts';

interface MembersPanelProps {
  api: TeamsApi;
  id: string;
  role: Role;
  members: Polled<Member[]>;
}

/** Who belongs to it; owners change that, and everybody may leave. */
export function MembersPanel({ api, id, role, members }: MembersPanelProps) {
  const { members: words, roles } = useWords('teams');
  const { user } = usePerson();
  const [, navigate] = useLocation();
  const { busy, error, change } = useChange();
  async function leave(userId: string) {
    const left = await change(() => api.remove(id, userId));
    if (left && userId === user.id) navigate('/teams');
    else if (left) members.refresh();
  }
  return (
    <section className="panel" aria-labelledby="members" data-testid="members">
      <h2 id="members">{words.title}</h2>
      {members.data === null && members.error == null && <Skeleton lines={3} />}
      <ul className="plain">
        {members.data?.map((member) => {
          const name = member.display_name || (member.email ?? words.unnamed);
          const isSelf = member.user_id === user.id;
          return (
            <li key={member.user_id} className="team-row" data-testid="member">
              <span>
                {name}
                {isSelf && <span className="tag">{words.you}</span>}
              </span>
              <span className="row">
                {role === 'owner' ? (
                  <RoleChoice
                    label={words.roleOf(name)}
                    value={member.role}
                    disabled={busy}
                    onChange={(chosen) =>
                      void change(() => api.changeRole(id, member.user_id, chosen)).then(members.refresh)
                    }
                  />
                ) : (
                  <span className="faint">{roles[member.role]}</span>
                )}
                {(role === 'owner' || isSelf) && (
                  <button
                    type="button"
                    className="quiet"
                    disabled={busy}
                    onClick={() => void leave(member.user_id)}
                    aria-label={isSelf ? words.leave : words.removeLabel(name)}
                  >
                    {isSelf ? words.leave : words.remove}
                  </button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {(error ?? members.error) != null && <ErrorMessage error={error ?? members.error} />}
    </section>
  );
}
