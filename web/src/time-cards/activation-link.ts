import { useEffect, useState } from 'react';
import { readActivationCode } from '../../../shared/activation-codes/code.ts';

const FRAGMENT = /^#\/activate\/([^/?#]{1,64})$/;

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

/** What a slip is told before anybody is asked; null when it may be a code. */
export function slipOf(input: string): string | null {
  return readActivationCode(input) === null
    ? 'A character is wrong, missing or swapped. Compare it with the code you were given.'
    : null;
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
