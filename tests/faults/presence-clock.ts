/** Milliseconds of the machine's monotonic clock, the same in every process on it. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * How long somebody was served, by the harness' own count: from the first word they heard, while they were on
 * the line and the meter was not stopped. A moment is known only as "not before" and "not after", so it keeps
 * the least and the most that it can have been; each check uses the one that is fair to the product.
 */
export class PresenceClock {
  #least = 0;
  #most = 0;
  #since: number | undefined;
  #pausedAt: number | undefined;

  start(atMs: number): void {
    this.#since ??= atMs;
  }

  /** Nobody served from here on: not before `earliestMs`, not after `latestMs`. */
  stop(earliestMs: number, latestMs = earliestMs): void {
    if (this.#since === undefined) return;
    this.#least += (this.#pausedAt ?? earliestMs) - this.#since;
    this.#most += latestMs - this.#since;
    this.#since = undefined;
    this.#pausedAt = undefined;
  }

  /** The worker stands still: the caller is on the line, but whether that counts as served is open. */
  pause(atMs: number): void {
    this.#pausedAt ??= atMs;
  }

  resume(atMs: number): void {
    if (this.#since !== undefined && this.#pausedAt !== undefined) {
      this.#most += atMs - this.#since;
      this.#least += this.#pausedAt - this.#since;
      this.#since = atMs;
    }
    this.#pausedAt = undefined;
  }

  get leastMs(): number {
    return this.#least;
  }

  get mostMs(): number {
    return this.#most;
  }
}
