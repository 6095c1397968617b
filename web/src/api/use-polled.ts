import { useCallback, useEffect, useState } from 'react';
import { whenBack } from './connection.ts';
import { isNoAnswer } from './request.ts';

export interface Polled<T> {
  data: T | null;
  /** When the request that brought the data was made, on the page's own clock; 0 before the first answer. */
  askedAtMs: number;
  /** null also where there was no answer at all: that is said once, above all rooms (`connection.ts`). */
  error: unknown;
  /** Whether there was no answer, and is none yet. */
  isAway: boolean;
  /** Loads again now, without waiting for the next turn. */
  refresh: () => void;
  /** Takes the answer to a change for what is there now, instead of whatever is being loaded. */
  replace: (data: T) => void;
}

/** After a failure: soon, then ever later, and never later than usual. */
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15_000;

/**
 * Loads at once, then `intervalMs` after each answer, but only while the page is visible.
 * `load` must keep its identity between renders. The last good answer stays when a later one fails, which is tried again
 * soon, and at once when the connection is back.
 * @param wanted false where nobody looks at it: then nothing is loaded, and what is known is kept
 */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
  wanted = true,
): Polled<T> {
  const [data, setData] = useState<T | null>(null);
  const [askedAtMs, setAskedAtMs] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);

  const replace = useCallback(
    (answer: T) => {
      setData(answer);
      refresh();
    },
    [refresh],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how refresh() starts over
  useEffect(() => {
    if (!wanted) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    async function run() {
      const askedAt = performance.now();
      try {
        const loaded = await load(stop.signal);
        if (stop.signal.aborted) return;
        failures = 0;
        setData(loaded);
        setAskedAtMs(askedAt);
        setFailure(null);
      } catch (error) {
        if (stop.signal.aborted) return;
        failures += 1;
        setFailure(error);
      }
      const retryMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (failures - 1));
      const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs, retryMs);
      if (document.visibilityState === 'visible') timer = setTimeout(run, waitMs);
    }
    function onVisible() {
      if (document.visibilityState === 'visible') refresh();
      else clearTimeout(timer);
    }

    void run();
    document.addEventListener('visibilitychange', onVisible);
    const stopWaiting = whenBack(() => {
      if (failures > 0) refresh();
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
      stopWaiting();
    };
  }, [load, intervalMs, wanted, round, refresh]);

  const isAway = isNoAnswer(failure);
  return { data, askedAtMs, error: isAway ? null : failure, isAway, refresh, replace };
}
