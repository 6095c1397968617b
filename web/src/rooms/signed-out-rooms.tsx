import { Link, Route, Switch, useLocation } from 'wouter';
import { isRoom } from '../../../shared/api/rooms.ts';
import { MissingRoom } from '../shell/missing-room.tsx';
import { PageFrame } from '../shell/page-frame.tsx';
import { lazyRoom } from '../words/lazy-room.ts';
import { useWords } from '../words/use-words.ts';
import { LoadedRoom, publicRoutes, type RoomsProps } from './public-rooms.tsx';

const LandingRoom = lazyRoom(['landing'], () => import('../landing/landing-room.tsx'));
const EntryRoom = lazyRoom(['entry', 'auth'], () => import('../sign-in/entry-room.tsx'));
const NewPasswordLink = lazyRoom(['entry', 'auth'], async () => ({
  default: (await import('../sign-in/new-password-room.tsx')).NewPasswordLink,
}));
const ForgotRoom = lazyRoom(['entry', 'auth'], () => import('../sign-in/forgot-room.tsx'));

/** Where nobody is signed in. A room of somebody asks who is there, at its own address, and then is there. */
export function SignedOutRooms({ config, pricing, session, news }: RoomsProps) {
  const { rooms } = useWords('shell');
  const [address] = useLocation();
  const way = (
    <>
      <Link href="/sign-in" className="button second" data-testid="to-sign-in">
        {rooms.signIn}
      </Link>
      <Link href="/sign-up" className="button wide-only" data-testid="to-sign-up">
        {rooms.signUp}
      </Link>
    </>
  );
  return (
    <PageFrame signedIn={false} aside={way} news={news}>
      <LoadedRoom>
        <Switch>
          <Route path="/">
            <LandingRoom config={config} pricing={pricing} />
          </Route>
          {publicRoutes(config)}
          <Route path="/forgot-password">
            <ForgotRoom auth={session.auth} />
          </Route>
          <Route path="/new-password" component={NewPasswordLink} />
          <Route>
            {isRoom(address) ? (
              <EntryRoom key={address} session={session} address={address} />
            ) : (
              <MissingRoom />
            )}
          </Route>
        </Switch>
      </LoadedRoom>
    </PageFrame>
  );
}
