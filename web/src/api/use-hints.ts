import { useEffect, useState } from 'react';
import type { Changed, Hint } from '../../../shared/api/hints.ts';
import { whenBack } from './connection.ts';

const AGAIN_MS = 5_000;
/** Where nobody can tell of changes, the page asks by the clock, and looks for a change of that now and then. */
const LONGEST_AGAIN_MS = 300_000;

const changedIn = (event: string): Changed | undefined => {
  const data = /^data: ?(.*)$/m.exec(event)?.[1];
  return data === undefined ? undefined : (JSON.parse(data) as Hint).changed;
};

/** Reads one stream of events to its end. `EventSource` would send no token. */
async function readHints(
  token: string,
  signal: AbortSignal,
  onChanged: (changed: Changed) => void,
): Promise<void> {
  const answer = await fetch('/events', { headers: { authorization: `Bearer ${token}` }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`events: ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const changed = changedIn(event);
      if (changed !== undefined) onChanged(changed);
    }
  }
}

/**
 * Is told by the service when something has changed, while the page is visible: a stream of a hidden page would only take
 * one of the few connections that a browser has for a service.
 * @param onChanged must keep its identity between renders
 * @returns whether it is told; where not, whoever needs to know has to ask by the clock
 */
export function useHints(accessToken: () => Promise<string>, onChanged: (changed: Changed) => void): boolean {
  const [isTold, setIsTold] = useState(false);
  useEffect(() => {
    let stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    async function run(signal: AbortSignal) {
      try {
        await readHints(await accessToken(), signal, (changed) => {
          failures = 0;
          setIsTold(true);
          onChanged(changed);
        });
      } catch {
        failures += 1;
      }
      if (signal.aborted) return;
      setIsTold(false);
      timer = setTimeout(() => void run(signal), Math.min(LONGEST_AGAIN_MS, AGAIN_MS * 2 ** failures));
    }
    function begin() {
      stop.abort();
      clearTimeout(timer);
      stop = new AbortController();
      if (document.visibilityState === 'visible') void run(stop.signal);
      else setIsTold(false);
    }
    begin();
    document.addEventListener('visibilitychange', begin);
    const stopWaiting = whenBack(begin);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', begin);
      stopWaiting();
    };
  }, [accessToken, onChanged]);
  return isTold;
}
