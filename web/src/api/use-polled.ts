import { useCallback, useEffect, useState } from 'react';

export interface Polled<T> {
  data: T | null;
  error: unknown;
  /** Loads again now, without waiting for the next turn. */
  refresh: () => void;
  /** Takes the answer to a change for what is there now, instead of whatever is being loaded. */
  replace: (data: T) => void;
}

/**
 * Loads at once, then `intervalMs` after each answer, but only while the page is visible.
 * `load` must keep its identity between renders. The last good answer stays when a later one fails.
 */
export function usePolled<T>(load: (signal: AbortSignal) => Promise<T>, intervalMs: number): Polled<T> {
  const [data, setData] = useState<T | null>(null);
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
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function run() {
      try {
        const loaded = await load(stop.signal);
        if (stop.signal.aborted) return;
        setData(loaded);
        setError(null);
      } catch (failure) {
        if (stop.signal.aborted) return;
        setError(failure);
      }
      if (document.visibilityState === 'visible') timer = setTimeout(run, intervalMs);
    }
    function onVisible() {
      if (document.visibilityState === 'visible') refresh();
      else clearTimeout(timer);
    }

    void run();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [load, intervalMs, round, refresh]);

  return { data, error, refresh, replace };
}
