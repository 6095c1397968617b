/** The injected clock may be moved by a test: what is far away by it is looked at again after this long. */
const LONGEST_WAIT_MS = 1_000;

interface TimerOptions {
  readonly now: () => number;
  readonly earliestDueMs: () => number | undefined;
  readonly runDue: () => void;
}

/** Wakes up for what is planned, and sleeps while nothing is. */
export class TaskTimer {
  readonly #options: TimerOptions;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TimerOptions) {
    this.#options = options;
  }

  /** To be called whenever something was planned. */
  arm(): void {
    const earliest = this.#closed ? undefined : this.#options.earliestDueMs();
    clearTimeout(this.#timer);
    if (earliest === undefined) return;
    const waitMs = Math.min(Math.max(earliest - this.#options.now(), 0), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => {
      this.#options.runDue();
      this.arm();
    }, waitMs);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
