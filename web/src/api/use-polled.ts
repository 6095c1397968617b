import { useCallback, useEffect, useState } from 'react';

export interface Polled<T> {
  data: T | null;
  /** When the request that brought the data was made, on the page's own clock; 0 before the first answer. */
  askedAtMs: number;
  error: unknown;
  /** Loads again now, without waiting for the next turn. */
  refresh: () => void;
  /** Takes the answer to a change for what is there now, instead of whatever is being loaded. */
  replace: (data: T) => void;
}

/** After a failure: soon, then ever later, and never later than usual. */
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Loads at once, then `intervalMs` after each answer, but only while the page is visible.
 * `load` must keep its identity between renders. The last good answer stays when a later one fails, which is tried again
 * soon, and at once when the browser is back on line.
 * @param wanted false where nobody looks at it: then nothing is loaded, and what is known is kept
 */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
  wanted = true,
): Polled<T> {
  const [data, setData] = useState<T | null>(null);
  const [askedAtMs, setAskedAtMs] = useState(0);
  const [error, setError] = useState<unknown>(null);
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
        setError(null);
      } catch (failure) {
        if (stop.signal.aborted) return;
        failures += 1;
        setError(failure);
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
    window.addEventListener('online', refresh);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('online', refresh);
    };
  }, [load, intervalMs, wanted, round, refresh]);

  return { data, askedAtMs, error, refresh, replace };
}
