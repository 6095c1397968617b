/** Hz of the audio that tests make and scripted recognisers take. */
export const RATE = 16_000;
const WORD_SAMPLES = 0.4 * RATE;
const GAP_SAMPLES = 0.05 * RATE;
const END_SAMPLES = 0.3 * RATE;
const LOUDNESS = 1000;

const samplesOf = (seconds: number, value = 0) => new Int16Array(Math.round(seconds * RATE)).fill(value);

/** Audio in which each word is a number: 400 ms of samples that have that value, and a gap of 50 ms. */
export function wordsAsAudio(words: readonly number[]): Int16Array {
  const parts = words.flatMap((word) => [samplesOf(0.4, LOUDNESS + word), samplesOf(0.05)]);
  return Int16Array.from(parts.flatMap((part) => Array.from(part)));
}

export const silence = (seconds: number) => samplesOf(seconds);

type Heard = { words: string[]; start: number; end: number };

/** Reads such audio, as a recogniser does: bit by bit. A word that is not whole is read as `cut`. */
export class AudioReader {
  #position = 0;
  #run = { value: 0, samples: 0 };
  #words: string[] = [];
  #start: number | undefined;

  get position(): number {
    return this.#position;
  }

  get isInWord(): boolean {
    return this.#run.value !== 0;
  }

  /** What was said since the last utterance ended, in samples of the stream. */
  get soFar(): Heard {
    return { words: this.#words, start: this.#start ?? this.#position, end: this.#position };
  }

  /** @returns whether an utterance is over: there is silence behind words */
  read(samples: Int16Array): boolean {
    for (const value of samples) {
      if (value !== this.#run.value) this.#endRun(value);
      this.#run.samples++;
      this.#position++;
    }
    return this.#words.length > 0 && this.#run.value === 0 && this.#run.samples >= END_SAMPLES;
  }

  /** Takes the utterance, whether it is over or not. */
  take(): Heard {
    if (this.#run.value !== 0) this.#endRun(0);
    const heard = this.soFar;
    this.#words = [];
    this.#start = undefined;
    return heard;
  }

  #endRun(next: number): void {
    const { value, samples } = this.#run;
    if (value !== 0) this.#words.push(samples === WORD_SAMPLES ? String(value - LOUDNESS) : 'cut');
    else if (this.#words.length > 0 && samples < GAP_SAMPLES) this.#words.push('gap');
    this.#run = { value: next, samples: 0 };
    if (next !== 0) this.#start ??= this.#position;
  }
}
