/** Seconds left at which the caller is warned, the first warning first. */
const THRESHOLDS_SECONDS = [300, 60];

/** Decides whether to warn: once per threshold, and only for the lowest one that was passed. */
export class Warnings {
  #lowestSeconds = Number.POSITIVE_INFINITY;

  /** True when a threshold has been passed that was not passed at the last look. */
  passed(remainingSeconds: number): boolean {
    // Infinity when none is passed: after more time was bought, the same warnings are due again.
    const threshold =
      THRESHOLDS_SECONDS.filter((seconds) => remainingSeconds <= seconds).at(-1) ?? Number.POSITIVE_INFINITY;
    const isNew = threshold < this.#lowestSeconds;
    this.#lowestSeconds = threshold;
    return isNew;
  }
}

/** Seconds of billed time until the next warning is due; undefined when none is. */
export function secondsUntilWarning(remainingSeconds: number): number | undefined {
  const threshold = THRESHOLDS_SECONDS.find((seconds) => seconds < remainingSeconds);
  return threshold === undefined ? undefined : remainingSeconds - threshold;
}
