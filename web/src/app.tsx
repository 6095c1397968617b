import { lazy, Suspense, useCallback, useState } from 'react';
import { useLocation } from 'wouter';
import type { PageConfig } from '../../shared/api/config.ts';
import { loadPricing } from './api/public.ts';
import { usePolled } from './api/use-polled.ts';
import { SignedOutRooms } from './rooms/signed-out-rooms.tsx';
import type { LinkTrouble } from './session/auth-return.ts';
import { useLanguageOf } from './session/use-language-of.ts';
import { useSession } from './session/use-session.ts';
import { PageFrame } from './shell/page-frame.tsx';
import { RoomBoundary } from './shell/room-boundary.tsx';
import { RoomSkeleton } from './shell/skeleton.tsx';
import { useActivationLinks } from './time-cards/activation-link.ts';
import { useWords } from './words/use-words.ts';

const PRICING_MS = 600_000;
const SignedInRooms = lazy(() => import('./rooms/signed-in-rooms.tsx'));

interface AppProps {
  config: PageConfig;
  /** What a return from another page has to say, or null. */
  returnWords: string | null;
  /** Why a link of a mail let nobody in, or null. */
  linkTrouble: LinkTrouble | null;
}

/** Who is here, and the rooms that are theirs. */
export function App({ config, returnWords, linkTrouble }: AppProps) {
  const [, navigate] = useLocation();
  const onRecovery = useCallback(() => navigate('/new-password', { replace: true }), [navigate]);
  const session = useSession(config.supabase, onRecovery);
  useLanguageOf(session);
  const pricing = usePolled(loadPricing, PRICING_MS);
  useActivationLinks();
  const [isNews, setNews] = useState(true);
  const close = () => setNews(false);
  const news = isNews && (
    <>
      {returnWords !== null && <Notice words={returnWords} onClose={close} />}
      {linkTrouble !== null && (
        <Suspense fallback={null}>
          <LinkNotice trouble={linkTrouble} onClose={close} />
        </Suspense>
      )}
    </>
  );
  const shown = { config, pricing, session, news };

  const opening = (
    <PageFrame signedIn={undefined} news={news}>
      <RoomSkeleton />
    </PageFrame>
  );
  if (session.session === undefined) return opening;
  if (session.session === null) return <SignedOutRooms {...shown} />;
  const { user } = session.session;
  return (
    <RoomBoundary address="">
      <Suspense fallback={opening}>
        <SignedInRooms key={user.id} {...shown} user={user} />
      </Suspense>
    </RoomBoundary>
  );
}

function LinkNotice({ trouble, onClose }: { trouble: LinkTrouble; onClose: () => void }) {
  return <Notice words={useWords('auth').links[trouble]} onClose={onClose} />;
}

function Notice({ words, onClose }: { words: string; onClose: () => void }) {
  const shell = useWords('shell');
  return (
    <div className="notice page-notice" role="status">
      <span>{words}</span>
      <button type="button" className="quiet" onClick={onClose}>
        {shell.close}
      </button>
    </div>
  );
}
