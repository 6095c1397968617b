import { useEffect, useState } from 'react';

/** Whatever a mail program has put after it: what is a code in it is read when it is activated. */
const FRAGMENT = /^#\/activate\/(.{1,300})$/s;

/**
 * The code of the link that opened the page, or null. Takes it out of the address bar, so that it stays neither in the
 * history nor in a screenshot.
 */
export function takeActivationLink(location: Location, history: History): string | null {
  const text = FRAGMENT.exec(location.hash)?.[1];
  if (text === undefined) return null;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that a program broke: the person can still see and correct what is there.
    return text;
  }
}

/** The code that the page was opened with, or that a link brought to the open page. */
export function useActivationLink(opened: string | null): string | null {
  const [code, setCode] = useState(opened);
  useEffect(() => {
    const look = () => {
      const next = takeActivationLink(window.location, window.history);
      if (next !== null) setCode(next);
    };
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, []);
  return code;
}
