import type { Clock } from '../../shared/clock.ts';
import {
  billedMs,
  billedWithin,
  freeSince,
  type Interruption,
  isBilled,
  joined,
  type Phase,
  type Window,
} from './windows.ts';

/**
 * The presence clock of one call: contiguous windows on a monotonic clock. Nothing here can be paused
 * by a provider, a database or a model; only a phase change moves it.
 */
export class Timeline {
  readonly #clock: Clock;
  #startMs: number;
  #closed: Window[] = [];
  #phase: Phase = 'connecting';
  #phaseFromMs = 0;
  #restoredMs = 0;
  #endMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** True while time is being billed. */
  get running(): boolean {
    return this.#endMs === undefined && isBilled(this.#phase);
  }

  /**
   * Puts what another worker reported of this call before all windows, so that the counters go on from there.
   * @param restoredMs part of `usedMs` that was given back
   */
  carryOver(usedMs: number, restoredMs: number): void {
    if (usedMs === 0) return;
    const later = this.#closed.map((window) => ({
      ...window,
      from_ms: window.from_ms + usedMs,
      to_ms: window.to_ms + usedMs,
    }));
    const billedMs = usedMs - restoredMs;
    const earlier: Window[] = [
      { reason: 'earlier', billed: true, from_ms: 0, to_ms: billedMs },
      { reason: 'earlier', billed: false, from_ms: billedMs, to_ms: usedMs },
    ];
    this.#closed = [...earlier.filter((window) => window.to_ms > window.from_ms), ...later];
    this.#restoredMs += restoredMs;
    this.#startMs -= usedMs;
    this.#phaseFromMs += usedMs;
    if (this.#endMs !== undefined) this.#endMs += usedMs;
  }

  enter(phase: Phase): void {
    if (phase === this.#phase || this.#endMs !== undefined) return;
    this.#close(this.#nowMs());
    this.#phase = phase;
  }

  /**
   * Gives the talk since then back: it stays in the counter, which may be reported already, and is counted as
   * restored too.
   * @param sinceMs on the clock that the timeline runs on
   */
  restoreSince(sinceMs: number, reason: Interruption): void {
    if (this.#endMs !== undefined) return;
    this.#close(this.#nowMs());
    const before = billedMs(this.#closed);
    this.#closed = freeSince(this.#closed, Math.round(sinceMs - this.#startMs), reason);
    this.#restoredMs += before - billedMs(this.#closed);
  }

  /**
   * Enters a free phase because a limit is reached. What the counter has beyond it is given away for good: a busy
   * process noticed too late.
   */
  enterBeyond(limitMs: number, phase: Phase): void {
    if (this.#endMs !== undefined) return;
    this.#close(this.#nowMs());
    this.#closed = billedWithin(this.#closed, limitMs - this.#restoredMs);
    this.#phase = phase;
  }

  /** Ends the last window. Later changes and the passing of time have no effect. */
  end(): void {
    if (this.#endMs !== undefined) return;
    const nowMs = this.#nowMs();
    this.#close(nowMs);
    this.#endMs = nowMs;
  }

  /** Milliseconds counted so far, those that were restored later included. */
  usedMs(): number {
    return billedMs(this.windows()) + this.#restoredMs;
  }

  /** The part of `usedMs()` that is free after all. */
  restoredMs(): number {
    return this.#restoredMs;
  }

  /** All windows so far, the current one up to now. */
  windows(): Window[] {
    return joined(this.#endMs === undefined ? [...this.#closed, this.#window(this.#nowMs())] : this.#closed);
  }

  #nowMs(): number {
    return Math.round(this.#clock.nowMs() - this.#startMs);
  }

  #window(toMs: number): Window {
    return { reason: this.#phase, billed: isBilled(this.#phase), from_ms: this.#phaseFromMs, to_ms: toMs };
  }

  #close(toMs: number): void {
    if (toMs > this.#phaseFromMs) this.#closed.push(this.#window(toMs));
    this.#phaseFromMs = toMs;
  }
}
