import { useEffect } from 'react';

/** Whatever a mail program has put after it: what is a code in it is read when it is activated. */
const FRAGMENT = /^#\/activate\/(.{1,300})$/s;
const PATH = /^\/gift\/(.{1,300})$/s;

/** Where a gift code is activated. */
const GIFT_ROOM = '/gift';

/** What the history keeps of a gift link: a reload has the code still, and nobody else sees it. */
export interface GiftState {
  giftCode?: string;
}

function codeIn({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): string | null {
  const text = FRAGMENT.exec(hash)?.[1] ?? PATH.exec(pathname)?.[1];
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that a program broke: the person can still see and correct what is there.
    return text;
  }
}

/**
 * Leads a gift link to the room where its code is activated. Takes the code out of the address, so that it stays neither
 * in the history nor in a screenshot.
 */
export function takeActivationLink(location: Location, history: History): void {
  const giftCode = codeIn(location);
  if (giftCode !== null) history.replaceState({ giftCode } satisfies GiftState, '', GIFT_ROOM);
}

/** The same for a link that is opened where the page is open already. */
export function useActivationLinks(): void {
  useEffect(() => {
    const look = () => takeActivationLink(window.location, window.history);
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, []);
}
