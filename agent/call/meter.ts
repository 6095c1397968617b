import type { Clock } from '../../shared/clock.ts';
import type { Billing, Grant } from './billing.ts';
import { billedWithin, type Phase, type Timeline, type Window } from './timeline.ts';

/** Why the meter says that the call must stop. */
export type StopReason = 'time_used_up' | 'billing_unreachable' | 'fenced';

export type MeterEvents = {
  /** After every answer of the database, and whenever billing starts or pauses. */
  changed(): void;
  /** The grant is used up, or this worker does not own the call any more. At most once. */
  stop(reason: StopReason): void;
  /** A renewal got no answer. The call goes on until its grant ends. */
  failed(error: unknown): void;
};

const MIN_PAUSE_MS = 500;

/**
 * Keeps a live call within what it was granted. Renews when half a slice is used, and stops on its own
 * monotonic clock when the grant is used up, whether or not the database can be reached.
 */
export class Meter {
  readonly #billing: Billing;
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #events: MeterEvents;
  #grant: Grant;
  #lastRenewalFailed = false;
  #stopped = false;
  #cancelRenewal: () => void = () => {};
  #cancelExhaustion: () => void = () => {};
  #renewing: Promise<void> | undefined;

  constructor(options: {
    billing: Billing;
    timeline: Timeline;
    clock: Clock;
    sliceSeconds: number;
    grant: Grant;
    events: MeterEvents;
  }) {
    this.#billing = options.billing;
    this.#timeline = options.timeline;
    this.#clock = options.clock;
    this.#sliceMs = options.sliceSeconds * 1000;
    this.#grant = options.grant;
    this.#events = options.events;
    this.#schedule();
  }

  /** Billed milliseconds, never more than was granted. */
  usedMs(): number {
    return Math.min(this.#timeline.usedMs(), this.#grant.grantedSeconds * 1000);
  }

  /** The windows for the receipt. Their billed ones sum up to `usedMs()`. */
  windows(): Window[] {
    return billedWithin(this.#timeline.windows(), this.usedMs());
  }

  /** Seconds that this call can still use, as far as the last answer knew. */
  remainingSeconds(): number {
    const { grantedSeconds, freeSeconds } = this.#grant;
    return Math.max(0, grantedSeconds + freeSeconds - Math.ceil(this.#timeline.usedMs() / 1000));
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** Moves the presence clock; billing starts or pauses with it, but not any more once the meter has stopped. */
  enter(phase: Phase): void {
    if (this.#stopped) return;
    this.#timeline.enter(phase);
    this.#schedule();
    this.#events.changed();
  }

  /** Asks the database now. Several askers share one request. Never throws. */
  async renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /** No renewal and no stop comes after this. */
  close(): void {
    this.#stopped = true;
    this.#cancelRenewal();
    this.#cancelExhaustion();
  }

  async #renewOnce(): Promise<void> {
    if (this.#stopped) return;
    try {
      const grant = await this.#billing.renew(this.usedMs());
      // An answer that comes after the stop must not change the figure that was stopped at.
      if (this.#stopped) return;
      this.#lastRenewalFailed = false;
      if (grant === undefined) return this.#stop('fenced');
      this.#grant = grant;
    } catch (error) {
      this.#lastRenewalFailed = true;
      this.#events.failed(error);
    }
    if (this.#stopped) return;
    this.#schedule();
    this.#events.changed();
  }

  #leftMs(): number {
    return this.#grant.grantedSeconds * 1000 - this.#timeline.usedMs();
  }

  #schedule(): void {
    this.#cancelRenewal();
    this.#cancelExhaustion();
    // The lease lives on in every phase, so renewals go on while nothing is billed.
    const pauseMs = Math.max(MIN_PAUSE_MS, Math.min(this.#sliceMs, this.#leftMs()) / 2);
    this.#cancelRenewal = this.#clock.after(pauseMs, () => void this.renew());
    if (this.#timeline.running) {
      this.#cancelExhaustion = this.#clock.after(Math.max(0, this.#leftMs()), () => this.#exhausted());
    }
  }

  #exhausted(): void {
    if (this.#leftMs() > 0) {
      this.#schedule();
      return;
    }
    // A renewal without an answer so far is no proof that nothing is left: only the last slice is.
    const isUsedUp = this.#grant.final && !this.#lastRenewalFailed;
    this.#stop(isUsedUp ? 'time_used_up' : 'billing_unreachable');
  }

  #stop(reason: StopReason): void {
    if (this.#stopped) return;
    this.close();
    this.#events.stop(reason);
  }
}
