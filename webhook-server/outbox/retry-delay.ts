const FIRST_SECONDS = 5;
const LONGEST_SECONDS = 3600;

/** With the delays below an item is given up after about half a day: longer than most outages. */
export const MAX_ATTEMPTS = 20;

/**
 * How long to wait after a failed attempt: twice as long each time, up to an hour, and never the same for two items,
 * so that what failed together does not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, "equal jitter").
 * @param attempt the one that failed, 1 for the first
 * @param random from 0 up to 1
 * @returns seconds; null where the item has had all its attempts
 */
export function retryDelaySeconds(attempt: number, random: number): number | null {
  if (attempt >= MAX_ATTEMPTS) return null;
  const full = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random;
}
