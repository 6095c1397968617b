import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

type Timer = { atMs: number; callback: () => void };

/** A clock that only moves when told to. */
export class FakeClock implements Clock {
  #nowMs = 1000;
  #timers: Timer[] = [];

  readonly nowMs = () => this.#nowMs;

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers are set: a call that is over has none. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass: timers fire in their order, and what waits for their promises goes on in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await nextTurn();
      const next = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .reduce<Timer | undefined>(
          (first, timer) => (first && first.atMs <= timer.atMs ? first : timer),
          undefined,
        );
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  /** A busy process: time passes and no timer fires. Those that are due fire at the next `advance`. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}
