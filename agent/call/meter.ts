import { CountedTime } from './counted-time.ts';
import type { MeterOptions } from './meter-options.ts';
import { type Interruption, isBilled, type Phase } from './windows.ts';

const MIN_PAUSE_MS = 500;

/** How often a call without time looks whether some was bought. */
const LOOK_PAUSE_MS = 1_000;

/**
 * Keeps a live call within what it was granted. Renews when half a slice is used, and stops on its own
 * monotonic clock when the grant is used up, whether or not the database can be reached. Renewals go on then,
 * for the lease and for time that is bought, until `close()`.
 */
export class Meter extends CountedTime {
  readonly #o: MeterOptions;
  #lastRenewalFailed = false;
  #exhausted = false;
  #closed = false;
  #cancelRenewal: () => void = () => {};
  #cancelExhaustion: () => void = () => {};
  #renewing: Promise<void> | undefined;

  constructor(options: MeterOptions) {
    super(options.timeline, options.grant, options.expiringSeconds);
    this.#o = options;
    this.#schedule();
  }

  /** Moves the presence clock; billing starts or pauses with it, but never starts without a grant. */
  enter(phase: Phase): void {
    if (this.#closed || (this.#exhausted && isBilled(phase))) return;
    this.timeline.enter(phase);
    this.#watchGrant();
    this.#o.events.changed();
  }

  /** Gives back what was billed since then, because of what is noticed only now. */
  restoreSince(sinceMs: number, reason: Interruption): void {
    if (this.#closed) return;
    this.timeline.restoreSince(sinceMs, reason);
    // Known to the database at once: whoever settles after a crash must not charge it.
    this.report();
  }

  /** Tells the database the figures as they are now, and does not wait. Unlike `renew`, which may share an older request. */
  report(): void {
    void this.#renewOnce();
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
    this.#closed = true;
    this.#cancelRenewal();
    this.#cancelExhaustion();
  }

  async #renewOnce(): Promise<void> {
    if (this.#closed) return;
    try {
      const grant = await this.#o.billing.renew(this.usedMs(), this.restoredMs());
      // An answer that comes after the end must not change the figure that was settled.
      if (this.#closed) return;
      this.#lastRenewalFailed = false;
      if (grant === undefined) return this.#fenced();
      this.granted(grant);
    } catch (error) {
      if (this.#closed) return;
      this.#lastRenewalFailed = true;
      this.#o.events.failed(error);
    }
    const isResumed = this.#exhausted && this.leftMs() > 0;
    if (isResumed) this.#exhausted = false;
    this.#schedule();
    this.#o.events.changed();
    if (isResumed) this.#o.events.resumed?.();
  }

  /** The lease lives on in every phase, so renewals go on while nothing is billed. */
  #schedule(): void {
    this.#cancelRenewal();
    const halfMs = Math.max(MIN_PAUSE_MS, Math.min(this.#o.sliceSeconds * 1000, this.leftMs()) / 2);
    this.#cancelRenewal = this.#o.clock.after(
      this.#exhausted ? LOOK_PAUSE_MS : halfMs,
      () => void this.renew(),
    );
    this.#watchGrant();
  }

  #watchGrant(): void {
    this.#cancelExhaustion();
    if (!this.timeline.running) return;
    this.#cancelExhaustion = this.#o.clock.after(Math.max(0, this.leftMs()), () => this.#exhaust());
  }

  #exhaust(): void {
    if (this.leftMs() > 0) return void this.#watchGrant();
    // A renewal without an answer so far is no proof that nothing is left: only the last slice is.
    const isUsedUp = this.grant.final && !this.#lastRenewalFailed;
    this.#exhausted = true;
    this.timeline.enterBeyond(
      this.grant.grantedSeconds * 1000,
      isUsedUp ? (this.#o.restPhase ?? 'goodbye') : 'goodbye',
    );
    this.#schedule();
    this.#o.events.stop(isUsedUp ? 'time_used_up' : 'billing_unreachable');
    // Before anything long is said: a crash from here on must not lose the last slice.
    this.report();
  }

  #fenced(): void {
    this.close();
    this.#o.events.stop('fenced');
  }
}
