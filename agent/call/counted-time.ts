import type { Grant } from './billing.ts';
import type { Timeline } from './timeline.ts';
import type { Window } from './windows.ts';
import { billedWithin } from './windows.ts';

/** The figures of a call: what its clock has counted, held against what it was granted. */
export class CountedTime {
  protected readonly timeline: Timeline;
  #grant: Grant;
  readonly #expiringSeconds: number;

  /** @param expiringSeconds what of the person's time expires within a week */
  constructor(timeline: Timeline, grant: Grant, expiringSeconds: number) {
    this.timeline = timeline;
    this.#grant = grant;
    this.#expiringSeconds = expiringSeconds;
  }

  /** Milliseconds counted, never more than was granted. */
  usedMs(): number {
    return Math.min(this.timeline.usedMs(), this.#grant.grantedSeconds * 1000);
  }

  /** The part of `usedMs()` that is free after all. Never shrinks. */
  restoredMs(): number {
    return Math.min(this.timeline.restoredMs(), this.usedMs());
  }

  /** The windows for the receipt. Their billed ones sum up to `usedMs() - restoredMs()`. */
  windows(): Window[] {
    return billedWithin(this.timeline.windows(), this.usedMs() - this.restoredMs());
  }

  /** Seconds that this call can still use, as far as the last answer knew. */
  remainingSeconds(): number {
    const { grantedSeconds, freeSeconds } = this.#grant;
    return Math.max(0, grantedSeconds + freeSeconds - Math.ceil(this.timeline.usedMs() / 1000));
  }

  /** What is left of the time that expires within a week: it is used before all other. */
  expiringSeconds(): number {
    const left = this.#expiringSeconds - Math.ceil((this.usedMs() - this.restoredMs()) / 1000);
    return Math.max(0, Math.min(left, this.remainingSeconds()));
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** Answers may overtake each other; a grant never shrinks. */
  protected granted(grant: Grant): void {
    if (grant.grantedSeconds >= this.#grant.grantedSeconds) this.#grant = grant;
  }

  protected leftMs(): number {
    return this.#grant.grantedSeconds * 1000 - this.timeline.usedMs();
  }
}
