import { type ReactNode, Suspense } from 'react';
import { Route, useLocation } from 'wouter';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { Polled } from '../api/use-polled.ts';
import type { SessionState } from '../session/use-session.ts';
import { RoomBoundary } from '../shell/room-boundary.tsx';
import { RoomSkeleton } from '../shell/skeleton.tsx';
import { lazyRoom } from '../words/lazy-room.ts';

export interface RoomsProps {
  config: PageConfig;
  pricing: Polled<PricingResponse>;
  session: SessionState;
  /** Above whatever room is shown. */
  news: ReactNode;
}

const HelpRoom = lazyRoom(['help', 'info', 'support'], () => import('../info/help-room.tsx'));
const TermsRoom = lazyRoom(['terms', 'info'], () => import('../info/terms-room.tsx'));
const PrivacyRoom = lazyRoom(['privacy', 'info'], () => import('../info/privacy-room.tsx'));

/** Rooms for everybody, signed in or not. Each room is a chunk of its own, loaded when somebody comes to it. */
export function publicRoutes(config: PageConfig, ask: ReactNode = null) {
  return (
    <>
      <Route path="/help">
        <HelpRoom config={config} ask={ask} />
      </Route>
      <Route path="/terms">
        <TermsRoom config={config} />
      </Route>
      <Route path="/privacy">
        <PrivacyRoom config={config} />
      </Route>
    </>
  );
}

/** Room for a room while its code is loaded, and what to do when it cannot be. */
export function LoadedRoom({ children }: { children: ReactNode }) {
  const [address] = useLocation();
  return (
    <RoomBoundary address={address}>
      <Suspense fallback={<RoomSkeleton />}>{children}</Suspense>
    </RoomBoundary>
  );
}
