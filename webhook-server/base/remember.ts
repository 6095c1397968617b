import { setTimeout as sleep } from 'node:timers/promises';

type Ages = {
  /** So long an answer is given again without a look. */
  freshMs: number;
  /** So long it is given when a newer one does not come in time, or not at all. */
  staleMs: number;
  /** In time. */
  patienceMs: number;
};

/**
 * Remembers what is public and rarely changes: however many ask, it is read once at a time, and nobody waits for a
 * source that is slow while there is an answer that is not too old.
 * @throws what reading it throws, when there is no such answer
 */
export function remember<T>(
  read: () => Promise<T>,
  { freshMs, staleMs, patienceMs }: Ages,
): () => Promise<T> {
  let known: { value: T; atMs: number } | undefined;
  let reading: Promise<T> | undefined;
  const isYoung = (ms: number) => known !== undefined && performance.now() - known.atMs <= ms;

  function readOnce(): Promise<T> {
    reading ??= read()
      .then((value) => {
        known = { value, atMs: performance.now() };
        return value;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  return async () => {
    if (known !== undefined && isYoung(freshMs)) return known.value;
    const next = readOnce();
    if (known === undefined || !isYoung(staleMs)) return next;
    const old = known.value;
    return Promise.race([next.catch(() => old), sleep(patienceMs, old)]);
  };
}
