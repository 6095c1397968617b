import type { Clock } from '../../shared/clock.ts';

/**
 * What a call is doing, as far as the bill is concerned. Only `talking` is billed.
 * - `connecting`: until the caller hears the first word
 * - `talking`: the agent has spoken and the caller is in the room
 * - `line_down`: the caller's line is cut and may come back
 * - `goodbye`: time is over, the agent takes leave
 */
export type Phase = 'connecting' | 'talking' | 'line_down' | 'goodbye';

/**
 * A stretch of the call, in milliseconds since it began, as it stands on the receipt.
 * `earlier` is what another worker reported before this one took the call over.
 */
export type Window = { reason: Phase | 'earlier'; billed: boolean; from_ms: number; to_ms: number };

const isBilled = (phase: Phase) => phase === 'talking';

/**
 * The same windows with at most `limitMs` billed. Whatever lies beyond is on the house, as part of the free
 * window that follows it, if there is one.
 */
export function billedWithin(windows: readonly Window[], limitMs: number): Window[] {
  let leftMs = limitMs;
  const parts: Window[] = [];
  for (const window of windows) {
    const before = parts.at(-1);
    if (!window.billed) {
      const isOverrun = before?.reason === 'talking' && !before.billed;
      if (isOverrun) parts.pop();
      parts.push(isOverrun ? { ...window, from_ms: before.from_ms } : window);
      continue;
    }
    const splitMs = Math.min(window.to_ms, window.from_ms + leftMs);
    leftMs -= splitMs - window.from_ms;
    if (splitMs > window.from_ms) parts.push({ ...window, to_ms: splitMs });
    if (splitMs < window.to_ms) parts.push({ ...window, billed: false, from_ms: splitMs });
  }
  return parts;
}

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

  /** Puts what another worker reported of this call before all windows, so that the counter goes on from there. */
  carryOver(usedMs: number): void {
    if (usedMs === 0) return;
    const later = this.#closed.map((window) => ({
      ...window,
      from_ms: window.from_ms + usedMs,
      to_ms: window.to_ms + usedMs,
    }));
    this.#closed = [{ reason: 'earlier', billed: true, from_ms: 0, to_ms: usedMs }, ...later];
    this.#startMs -= usedMs;
    this.#phaseFromMs += usedMs;
    if (this.#endMs !== undefined) this.#endMs += usedMs;
  }

  enter(phase: Phase): void {
    if (phase === this.#phase || this.#endMs !== undefined) return;
    const nowMs = this.#nowMs();
    this.#close(nowMs);
    this.#phase = phase;
    this.#phaseFromMs = nowMs;
  }

  /** Ends the last window. Later changes and the passing of time have no effect. */
  end(): void {
    if (this.#endMs !== undefined) return;
    const nowMs = this.#nowMs();
    this.#close(nowMs);
    this.#endMs = nowMs;
  }

  /** Billed milliseconds so far, rounded down. */
  usedMs(): number {
    return Math.floor(
      this.windows()
        .filter((window) => window.billed)
        .reduce((sum, window) => sum + window.to_ms - window.from_ms, 0),
    );
  }

  /** All windows so far, the current one up to now. */
  windows(): Window[] {
    return this.#endMs === undefined ? [...this.#closed, this.#window(this.#nowMs())] : [...this.#closed];
  }

  #nowMs(): number {
    return Math.round(this.#clock.nowMs() - this.#startMs);
  }

  #window(toMs: number): Window {
    return { reason: this.#phase, billed: isBilled(this.#phase), from_ms: this.#phaseFromMs, to_ms: toMs };
  }

  #close(toMs: number): void {
    if (toMs > this.#phaseFromMs) this.#closed.push(this.#window(toMs));
  }
}
