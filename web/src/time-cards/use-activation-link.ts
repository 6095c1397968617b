import { useEffect, useState } from 'react';
import { takeActivationLink } from './activation-link.ts';

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
