import { useEffect, useRef, useState } from 'react';

/** A page of a list, newest first. */
interface Page<Item> {
  items: Item[];
  /** Where the next page begins; null on the last one. */
  next: string | null;
}

export interface WithOlder<Item> {
  items: Item[];
  hasMore: boolean;
  loading: boolean;
  error: unknown;
  loadMore: () => Promise<void>;
}

/**
 * The newest of a list as they are polled, and below them the older ones that were asked for.
 * @param newest null until it is there
 * @param load the page that begins there
 */
export function useOlder<Item>(
  newest: Page<Item> | null,
  idOf: (item: Item) => string,
  load: (signal: AbortSignal, next: string) => Promise<Page<Item>>,
): WithOlder<Item> {
  const [older, setOlder] = useState<Page<Item> | null>(null);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const stop = new AbortController();
    leaving.current = stop;
    return () => stop.abort();
  }, []);

  const top = newest?.items ?? [];
  const known = new Set(top.map(idOf));
  const items = [...top, ...(older?.items.filter((item) => !known.has(idOf(item))) ?? [])];
  const next = older ? older.next : (newest?.next ?? null);

  async function loadMore() {
    if (next === null) return;
    const { signal } = leaving.current;
    setLoading(true);
    setError(null);
    try {
      const page = await load(signal, next);
      // All that is shown is kept: what begins meanwhile pushes others off the first page.
      setOlder({ items: [...items, ...page.items], next: page.next });
    } catch (failure) {
      if (!signal.aborted) setError(failure);
    } finally {
      if (!signal.aborted) setLoading(false);
    }
  }
  return { items, hasMore: next !== null, loading, error, loadMore };
}
