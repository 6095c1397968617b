import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useWords } from '../words/use-words.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { LanguageChoice } from './language-choice.tsx';
import { Logo } from './logo.tsx';

interface PageFrameProps {
  /** Whether somebody is signed in; undefined while that is not known, and nothing is shown that may be wrong. */
  signedIn: boolean | undefined;
  /** At the end of the header. */
  aside?: ReactNode;
  /** Above the room, such as news. */
  news?: ReactNode;
  children: ReactNode;
}

/** Header, room, footer; and on the phone the bar of rooms at the foot. */
export function PageFrame({ signedIn, aside, news, children }: PageFrameProps) {
  const shell = useWords('shell');
  const { rooms } = shell;
  return (
    <>
      <a className="skip" href="#room">
        {shell.skip}
      </a>
      <header className="page-header">
        <div className="page-header-inner">
          <Link href="/" className="brand" aria-label={`MindBot: ${rooms.home}`}>
            <Logo />
          </Link>
          {signedIn && <RoomLinks className="room-links" />}
          <div className="page-header-aside">{aside}</div>
        </div>
      </header>
      <ConnectionBanner />
      <main className="page" id="room" tabIndex={-1}>
        {news}
        {children}
      </main>
      <footer className="page-footer">
        <div className="page-footer-inner">
          <nav aria-label={shell.foot}>
            <Link href="/help">{rooms.help}</Link>
            <Link href="/terms">{rooms.terms}</Link>
            <Link href="/privacy">{rooms.privacy}</Link>
          </nav>
          <LanguageChoice />
        </div>
      </footer>
      {signedIn && <RoomLinks className="room-bar" />}
    </>
  );
}

const ICONS = {
  talk: 'M12 3a3.5 3.5 0 0 0-3.5 3.5v5a3.5 3.5 0 0 0 7 0v-5A3.5 3.5 0 0 0 12 3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  buy: 'M12 3a9 9 0 1 0 9 9M12 7v5l3 2M18 2.5v6M15 5.5h6',
  account: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c.8-3.9 3.8-5.5 7.5-5.5s6.7 1.6 7.5 5.5',
};

/** The rooms of who is signed in: beside the logo where there is room, at the foot of a phone. */
function RoomLinks({ className }: { className: string }) {
  const shell = useWords('shell');
  const { rooms } = shell;
  const [address] = useLocation();
  const link = (room: keyof typeof ICONS) => {
    const href = `/${room}`;
    return (
      <Link
        href={href}
        aria-current={address === href ? 'page' : undefined}
        data-testid={`${className}-${room}`}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path d={ICONS[room]} />
        </svg>
        {rooms[room]}
      </Link>
    );
  };
  return (
    <nav className={className} aria-label={shell.navigation}>
      {link('talk')}
      {link('buy')}
      {link('account')}
    </nav>
  );
}
