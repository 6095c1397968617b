import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again; what it saw, or undefined when nothing came within the deadline. */
export async function eventually<Seen>(
  look: () => Promise<Seen | undefined | false>,
  deadlineMs: number,
  everyMs = 100,
): Promise<Seen | undefined> {
  for (const end = performance.now() + deadlineMs; performance.now() < end; await sleep(everyMs)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
  }
  return undefined;
}

/** What a promise comes to, or undefined when it takes longer than that. Leaves no timer behind. */
export async function atMost<Result>(
  promise: Promise<Result>,
  deadlineMs: number,
): Promise<Result | undefined> {
  const stop = new AbortController();
  const late = sleep(deadlineMs, undefined, { signal: stop.signal }).catch(() => undefined);
  return Promise.race([promise, late]).finally(() => stop.abort());
}
