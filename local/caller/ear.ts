/** One stretch of speech, as heard. */
export type Utterance = {
  samples: Int16Array;
  sampleRate: number;
  /** When its first sound arrived, in milliseconds of `performance.now()`. */
  startedAtMs: number;
};

/** Louder than this (root mean square of 16-bit samples) is speech; codecs leave a little noise in silence. */
const SPEECH_RMS = 150;

function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** Cuts a stream of audio into utterances: each ends after a stretch of silence. */
export class Ear {
  readonly #pauseMs: number;
  #parts: Int16Array[] = [];
  #rate = 0;
  #startedAtMs: number | undefined;
  #lastSoundAtMs = 0;
  #ready: Utterance[] = [];
  #waiting: ((utterance: Utterance) => void)[] = [];
  #lineClosed: NodeJS.Timeout | undefined;

  /** @param pauseMs silence that ends an utterance */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  readonly listen = (samples: Int16Array, sampleRate: number): void => {
    const nowMs = performance.now();
    this.#rate = sampleRate;
    if (loudness(samples) > SPEECH_RMS) {
      this.#startedAtMs ??= nowMs;
      this.#lastSoundAtMs = nowMs;
    }
    clearTimeout(this.#lineClosed);
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined) return;
    this.#parts.push(samples);
    if (nowMs - this.#lastSoundAtMs > this.#pauseMs) return void this.#cut(startedAtMs);
    // A line that is closed carries no silence either: the last words end all the same.
    this.#lineClosed = setTimeout(() => this.#cut(startedAtMs), this.#pauseMs);
  };

  /** The next utterance, or undefined when none is complete before the deadline. */
  async next(deadlineMs: number): Promise<Utterance | undefined> {
    const ready = this.#ready.shift();
    if (ready) return ready;
    const { promise, resolve } = Promise.withResolvers<Utterance | undefined>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((waiting) => waiting !== resolve);
      resolve(undefined);
    }, deadlineMs);
    return promise.finally(() => clearTimeout(timer));
  }

  #cut(startedAtMs: number): void {
    const samples = new Int16Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      samples.set(part, at);
      at += part.length;
    }
    const utterance = { samples, sampleRate: this.#rate, startedAtMs };
    this.#parts = [];
    this.#startedAtMs = undefined;
    const waiting = this.#waiting.shift();
    if (waiting) waiting(utterance);
    else this.#ready.push(utterance);
  }
}
