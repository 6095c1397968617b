import type { User } from '@supabase/auth-js';
import { lazy } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { CallBar } from '../call/call-bar.tsx';
import { isLive } from '../call/call-state.ts';
import { PersonProvider, usePerson } from '../person/person.tsx';
import { MissingRoom } from '../shell/missing-room.tsx';
import { PageFrame } from '../shell/page-frame.tsx';
import { shortDuration } from '../units.ts';
import { lazyRoom } from '../words/lazy-room.ts';
import { useWords } from '../words/use-words.ts';
import { LoadedRoom, publicRoutes, type RoomsProps } from './public-rooms.tsx';

const TalkRoom = lazyRoom(['talk', 'calls', 'buy', 'landing'], () => import('../talk/talk-room.tsx'));
const BuyRoom = lazyRoom(['buy', 'landing'], () => import('../buy/buy-room.tsx'));
const AccountRoom = lazyRoom(
  ['account', 'buy', 'calls', 'entry', 'auth'],
  () => import('../account/account-room.tsx'),
);
const CallRoom = lazyRoom(['calls'], () => import('../calls/call-room.tsx'));
const GiftRoom = lazyRoom(['buy'], () => import('../gift/gift-room.tsx'));
const TeamsRooms = lazyRoom(['teams'], () => import('../teams/teams-rooms.tsx'));
const NewPasswordRoom = lazyRoom(['entry', 'auth'], () => import('../sign-in/new-password-room.tsx'));
const OwnQuestions = lazyRoom(['support'], async () => ({
  default: (await import('../info/own-questions.tsx')).OwnQuestions,
}));
const OperatorRooms = lazy(() => import('../operator/operator-rooms.tsx'));

/** The rooms of somebody who is signed in. */
export default function SignedInRooms({ user, ...rooms }: RoomsProps & { user: User }) {
  const { config, pricing, session } = rooms;
  return (
    <PersonProvider user={user} accessToken={session.accessToken} config={config} pricing={pricing}>
      <PersonalFrame {...rooms} />
    </PersonProvider>
  );
}

function PersonalFrame({ config, session, news }: RoomsProps) {
  const { call, meter, purchases } = usePerson();
  return (
    <>
      <PageFrame signedIn aside={<TimeChip />} news={news}>
        <LoadedRoom>
          <Switch>
            <Route path="/talk" component={TalkRoom} />
            <Route path="/buy" component={BuyRoom} />
            <Route path="/account">
              <AccountRoom session={session} />
            </Route>
            <Route path="/calls/:id" component={CallRoom} />
            <Route path="/gift" component={GiftRoom} />
            <Route path="/teams/*?">
              <TeamsRooms session={session} />
            </Route>
            <Route path="/new-password">
              <NewPasswordRoom auth={session.auth} />
            </Route>
            <Route path="/operator/*?" component={OperatorRooms} />
            {publicRoutes(config, <OwnQuestions />)}
            {['/', '/sign-in', '/sign-up', '/forgot-password'].map((path) => (
              <Route key={path} path={path}>
                <Redirect to="/talk" replace />
              </Route>
            ))}
            <Route component={MissingRoom} />
          </Switch>
        </LoadedRoom>
      </PageFrame>
      {isLive(call.state) && <CallBar call={call} meter={meter} purchases={purchases} />}
    </>
  );
}

/** What is left, in all rooms that do not show it larger. */
function TimeChip() {
  const shell = useWords('shell');
  const { balance, meter, settled } = usePerson();
  const [address] = useLocation();
  const seconds = meter?.remainingSeconds ?? settled.heldSeconds ?? balance.data?.balance_seconds;
  if (seconds === undefined || address === '/talk' || address === '/buy' || address === '/account') {
    return null;
  }
  return (
    <Link href="/talk" className="time-chip" data-testid="time-chip">
      <span className="hidden">{shell.timeLeft}</span>
      {shortDuration(seconds)}
    </Link>
  );
}
