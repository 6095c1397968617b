import type { Billing, Grant, Opening } from '../../agent/call/billing.ts';
import type { Window } from '../../agent/call/windows.ts';
import type { Clock } from '../../shared/clock.ts';
import { Fault } from '../../shared/errors.ts';

export type Settlement = {
  usedMs: number;
  restoredMs: number;
  reason: string;
  windows: readonly Window[];
};

/** What the database does with the next requests. `lost` does the work, but its answer never arrives. */
export type Mood = 'well' | 'away' | 'lost' | 'fenced';

/** The hold, use and settle of one call, as the SQL functions do it for a person with a single call. */
export class FakeBilling implements Billing {
  mood: Mood = 'well';
  delayMs = 0;
  /** How long the next answers are on their way back. */
  returnMs = 0;
  /** Why the call may not be opened. */
  refusal: Fault | undefined;
  /** What another worker of this call reported before. */
  earlierMs = 0;
  ownedSeconds: number;
  /** What of it expires within a week. */
  expiringSeconds = 0;
  /** How long the person was at desks today. */
  deskMs = 0;
  /** What is free of a desk, whatever is asked; undefined is all of it. */
  freeDeskSeconds: number | undefined;
  hasSpendWarning = false;
  /** Calls of this person, this one included. */
  liveCalls = 1;
  /** Reports that were sent, whether or not they arrived. */
  sent = 0;
  /** Every report that arrived, in order. */
  readonly reports: number[] = [];
  /** What was reported as free after all, with each report. */
  readonly restored: number[] = [];
  readonly settlements: Settlement[] = [];
  granted = 0;
  #restoredSeconds = 0;
  readonly #clock: Clock;
  readonly #sliceSeconds: number;

  constructor(clock: Clock, options: { ownedSeconds: number; sliceSeconds: number }) {
    this.#clock = clock;
    this.ownedSeconds = options.ownedSeconds;
    this.#sliceSeconds = options.sliceSeconds;
  }

  async open(): Promise<Opening> {
    await this.#travel();
    if (this.refusal) throw this.refusal;
    if (this.mood === 'away') throw new Fault('database_unavailable');
    return {
      ...this.#extend(this.earlierMs),
      usedMs: this.earlierMs,
      restoredMs: 0,
      expiringSeconds: this.expiringSeconds,
      deskMs: this.deskMs,
      hasSpendWarning: this.hasSpendWarning,
    };
  }

  async reserveDesk(_hadMs: number, seconds: number): Promise<number> {
    await this.#travel();
    return Math.min(seconds, this.freeDeskSeconds ?? seconds);
  }

  async renew(usedMs: number, restoredMs = 0): Promise<Grant | undefined> {
    const mood = this.mood;
    this.sent++;
    await this.#travel();
    if (mood === 'away') throw new Fault('database_unavailable');
    if (mood === 'fenced') return undefined;
    this.reports.push(usedMs);
    this.restored.push(restoredMs);
    this.#restoredSeconds = Math.max(this.#restoredSeconds, Math.floor(restoredMs / 1000));
    const answer = this.settlements.length === 0 ? this.#extend(usedMs) : undefined;
    if (mood === 'lost') throw new Fault('database_unavailable');
    await this.#travel(this.returnMs);
    return answer;
  }

  async settle(
    usedMs: number,
    reason: string,
    windows: readonly Window[],
    restoredMs = 0,
  ): Promise<number | undefined> {
    const mood = this.mood;
    await this.#travel();
    if (mood === 'away') throw new Fault('database_unavailable');
    if (mood === 'fenced') return undefined;
    if (this.settlements.length === 0) this.settlements.push({ usedMs, restoredMs, reason, windows });
    if (mood === 'lost') throw new Fault('database_unavailable');
    const { usedMs: used, restoredMs: restored } = this.settlements[0] ?? { usedMs: 0, restoredMs: 0 };
    return Math.floor((used - restored) / 1000);
  }

  async #travel(delayMs = this.delayMs): Promise<void> {
    if (delayMs > 0) await new Promise<void>((arrive) => this.#clock.after(delayMs, arrive));
  }

  /** private.extend_grant, for one live call: everything free is its share. */
  #extend(usedMs: number): Grant {
    const aheadSeconds = this.granted - Math.ceil(Math.min(usedMs, this.granted * 1000) / 1000);
    // What was given back is free again.
    const owned = this.ownedSeconds + this.#restoredSeconds;
    this.granted += Math.max(0, Math.min(owned - this.granted, this.#sliceSeconds - aheadSeconds));
    const freeSeconds = owned - this.granted;
    return { grantedSeconds: this.granted, freeSeconds, liveCalls: this.liveCalls, final: freeSeconds === 0 };
  }
}
