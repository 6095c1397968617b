/** Time passed in, so that tests can hold it. Monotonic: it never jumps, whatever the wall clock does. */
export type Clock = {
  /** Milliseconds since an arbitrary start. */
  nowMs(): number;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
};

/** Whoever asks a timer for more, some 24.8 days, is called back at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const stageMs = Math.min(leftMs, LONGEST_TIMER_MS);
      const goOn = () => (leftMs > stageMs ? wait(leftMs - stageMs) : callback());
      timer = setTimeout(goOn, stageMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
