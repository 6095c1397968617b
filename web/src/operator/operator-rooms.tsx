import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiError } from '../api/request.ts';
import { MissingRoom } from '../shell/missing-room.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { RoomSkeleton } from '../shell/skeleton.tsx';
import { BusinessRoom } from './business-room.tsx';
import { LogRoom } from './log-room.tsx';
import { MoneyRoom } from './money-room.tsx';
import { NowRoom } from './now-room.tsx';
import { PeopleRoom } from './people-room.tsx';
import { PersonRoom } from './person-room.tsx';
import { RequestsRoom } from './requests-room.tsx';
import { useAnswer } from './use-board.ts';
import { VoiceRoom } from './voice-room.tsx';
import './board.css';

const ROOMS = [
  ['/operator/now', 'Now', NowRoom],
  ['/operator/business', 'Business', BusinessRoom],
  ['/operator/voice', 'Voice', VoiceRoom],
  ['/operator/people', 'People', PeopleRoom],
  ['/operator/requests', 'Support', RequestsRoom],
  ['/operator/money', 'Money', MoneyRoom],
  ['/operator/log', 'Log', LogRoom],
] as const;

/** The rooms of operators, at `/operator` and below: a chunk of its own, which nobody else loads. */
export default function OperatorRooms() {
  const { data, error } = useAnswer((board, signal) => board.now(signal), 'who', 600_000);
  if (data === null && error instanceof ApiError && error.code === 'forbidden') return <NotForYou />;
  // What else is wrong each room says for itself.
  if (data === null && error === null) return <RoomSkeleton />;
  return (
    <>
      <RoomTabs />
      <Switch>
        {ROOMS.map(([path, , Room]) => (
          <Route key={path} path={path} component={Room} />
        ))}
        <Route path="/operator/people/:user_id" component={PersonRoom} />
        <Route path="/operator">
          <Redirect to="/operator/now" replace />
        </Route>
        <Route component={MissingRoom} />
      </Switch>
    </>
  );
}

function RoomTabs() {
  const [address] = useLocation();
  return (
    <nav className="board-rooms" aria-label="The operator's board">
      {ROOMS.map(([path, name]) => (
        <Link
          key={path}
          href={path}
          aria-current={address === path ? 'page' : address.startsWith(`${path}/`) ? 'true' : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** For who is signed in and no operator: the role is given at the server, never here. */
function NotForYou() {
  return (
    <div className="narrow stack" data-testid="not-an-operator">
      <RoomHeading>Operators only</RoomHeading>
      <p>This part is for people who run the service. The role is given at the server.</p>
      <div className="row">
        <Link href="/talk" className="button">
          Back to your calls
        </Link>
      </div>
    </div>
  );
}
