/** Time passed in, so that tests can hold it. Monotonic: it never jumps, whatever the wall clock does. */
export type Clock = {
  /** Milliseconds since an arbitrary start. */
  nowMs(): number;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
};

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
