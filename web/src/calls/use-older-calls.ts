import { useEffect, useRef, useState } from 'react';
import type { CallSummary, CallsResponse } from '../../../shared/api/receipts.ts';
import type { Sidecar } from '../api/sidecar.ts';

interface OlderCalls {
  calls: CallSummary[];
  hasMore: boolean;
  loading: boolean;
  error: unknown;
  loadMore: () => Promise<void>;
}

/** The newest calls as they are polled, and below them the older ones that were asked for. */
export function useOlderCalls(newest: CallsResponse | null, sidecar: Sidecar): OlderCalls {
  const [older, setOlder] = useState<CallsResponse | null>(null);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const stop = new AbortController();
    leaving.current = stop;
    return () => stop.abort();
  }, []);

  const top = newest?.calls ?? [];
  const known = new Set(top.map((call) => call.call_id));
  const calls = [...top, ...(older?.calls.filter((call) => !known.has(call.call_id)) ?? [])];
  const next = older ? older.next : (newest?.next ?? null);

  async function loadMore() {
    if (next === null) return;
    const { signal } = leaving.current;
    setLoading(true);
    setError(null);
    try {
      const page = await sidecar.calls(signal, next);
      // All that is shown is kept: calls that begin meanwhile push others off the first page.
      setOlder({ calls: [...calls, ...page.calls], next: page.next });
    } catch (failure) {
      if (!signal.aborted) setError(failure);
    } finally {
      if (!signal.aborted) setLoading(false);
    }
  }

  return { calls, hasMore: next !== null, loading, error, loadMore };
}
