import { type ReactNode, useEffect, useRef } from 'react';

/** How the room that is shown was come to: by opening the page, by a link in it, or back and forth in the history. */
let way: 'opened' | 'link' | 'history' = 'opened';
// wouter tells of its own navigations by these events.
for (const name of ['pushState', 'replaceState']) {
  window.addEventListener(name, () => {
    way = 'link';
  });
}
window.addEventListener('popstate', () => {
  way = 'history';
});

interface RoomHeadingProps {
  children: string;
  /** Of the document, where it is not the heading. */
  title?: string;
  /** For rooms that show their name otherwise. */
  hidden?: boolean;
  /** Beside the heading. */
  aside?: ReactNode;
}

/** The heading of a room. When the room is entered, it takes the focus, and gives the document its title. */
export function RoomHeading({ children: heading, title = heading, hidden = false, aside }: RoomHeadingProps) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · MindBot`;
  }, [title]);
  useEffect(() => {
    if (way === 'opened') return;
    element.current?.focus({ preventScroll: true });
    if (way === 'link') window.scrollTo({ top: 0, behavior: 'instant' });
  }, []);
  return (
    <div className={hidden ? 'hidden' : 'room-head'}>
      <h1 ref={element} tabIndex={-1} data-testid="room">
        {heading}
      </h1>
      {aside}
    </div>
  );
}
