const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The waits between Stripe's attempts in live mode, which back off and end after three days
 * (https://docs.stripe.com/webhooks#retries); the single steps are not published, these are as observed.
 */
const LIVE_WAITS_MS: readonly number[] = [
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
];

/** Fast enough for a person to watch: five minutes become half a second, three days eight minutes. */
export const DEFAULT_RETRY_SCALE = 1 / 600;

/** @param scale 1 is Stripe's own pace. @returns the waits before each further attempt, in milliseconds. */
export function retryWaitsMs(scale: number): number[] {
  return LIVE_WAITS_MS.map((waitMs) => Math.round(waitMs * scale));
}
