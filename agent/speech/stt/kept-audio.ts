import { SAMPLE_RATE } from './listen-url.ts';
import { isSilent } from './sound-gate.ts';

/** More would be answered so late that the caller has long said it again. 30 s are 960 kB. */
export const KEPT_SECONDS = 30;

/** Shorter sounds are no words: what a word leaves behind, or a click. */
const MIN_WORD_SAMPLES = 0.2 * SAMPLE_RATE;

type Chunk = {
  /** Of its first sample, counted in samples that were to be sent. */
  position: number;
  samples: Int16Array;
  /** Samples of silence that were never sent, up to this chunk. */
  skipped: number;
};

/**
 * The audio of which the recogniser has not yet delivered the final transcript, in case it has to be sent again.
 * Beyond 30 s the oldest is dropped, and counted in `missedSeconds`: that is lost for good.
 */
export class KeptAudio {
  #chunks: Chunk[] = [];
  #end = 0;
  #missedSamples = 0;

  /** Where the next sample goes. All positions are samples of sound since the stream began. */
  get end(): number {
    return this.#end;
  }

  /** Where what is kept begins. */
  get start(): number {
    return this.#chunks[0]?.position ?? this.#end;
  }

  /** Whether there are words in it, as far as can be told: no recogniser need answer to silence. */
  get hasSound(): boolean {
    const loud = this.#chunks.filter((chunk) => !isSilent(chunk.samples));
    return loud.reduce((sum, chunk) => sum + chunk.samples.length, 0) >= MIN_WORD_SAMPLES;
  }

  get samples(): Int16Array[] {
    return this.#chunks.map((chunk) => chunk.samples);
  }

  /** Seconds of audio that nobody ever heard. */
  get missedSeconds(): number {
    return this.#missedSamples / SAMPLE_RATE;
  }

  add(samples: Int16Array, skipped: number): void {
    this.#chunks.push({ position: this.#end, samples, skipped });
    this.#end += samples.length;
    while (this.#end - this.start > KEPT_SECONDS * SAMPLE_RATE) {
      this.#missedSamples += this.#chunks.shift()?.samples.length ?? 0;
    }
  }

  /** Forgets everything before a position: its final transcript is there. */
  forgetUntil(position: number): void {
    while (this.start < position) {
      const first = this.#chunks.shift();
      if (!first) return;
      const samples = first.samples.subarray(position - first.position);
      if (samples.length > 0) this.#chunks.unshift({ ...first, position, samples });
    }
  }

  /** How much silence was left out before a position, in samples: what the recogniser never knew of. */
  skippedBefore(position: number): number {
    return this.#chunks.findLast((chunk) => chunk.position <= position)?.skipped ?? 0;
  }
}
