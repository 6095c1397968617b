import { SAMPLE_RATE } from './listen-url.ts';

/** What is sent at once, 20 ms, the least that Deepgram advises: each block waits until it is full, in every turn. */
const BLOCK_SAMPLES = SAMPLE_RATE / 50;
/** Root mean square of 16-bit samples, -48 dB: what is below is silence (the Deepgram plugin's threshold). */
const SILENCE_RMS = 131;
/** A word begins and ends more softly than it is spoken: 200 ms before the sound, and one second after it. */
const BLOCKS_BEFORE = 10;
const BLOCKS_AFTER = 50;

export function isSilent(samples: Int16Array): boolean {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum < SILENCE_RMS * SILENCE_RMS * samples.length;
}

/** Cuts audio into blocks and lets those through in which, or around which, there is sound: silence costs money, too. */
export class SoundGate {
  #block = new Int16Array(BLOCK_SAMPLES);
  #filled = 0;
  #before: Int16Array[] = [];
  #openBlocks = 0;
  #skipped = 0;

  /** Whether sound goes through. When it closes, the stretch of sound is over. */
  get isOpen(): boolean {
    return this.#openBlocks > 0;
  }

  /** Samples held back so far, for good. */
  get skipped(): number {
    return this.#skipped;
  }

  /** @returns the blocks that are to be sent now */
  push(samples: Int16Array): Int16Array[] {
    const blocks: Int16Array[] = [];
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < BLOCK_SAMPLES) break;
      blocks.push(...this.#pass(this.#block));
      this.#block = new Int16Array(BLOCK_SAMPLES);
      this.#filled = 0;
    }
    return blocks;
  }

  /** Ends the stretch of sound. @returns what was not yet enough for a block */
  close(): Int16Array[] {
    const rest = this.isOpen && this.#filled > 0 ? [this.#block.slice(0, this.#filled)] : [];
    this.#filled = 0;
    this.#openBlocks = 0;
    return rest;
  }

  #pass(block: Int16Array): Int16Array[] {
    if (isSilent(block)) {
      if (this.#openBlocks > 0) {
        this.#openBlocks--;
        return [block];
      }
      this.#before.push(block);
      if (this.#before.length > BLOCKS_BEFORE) this.#skipped += this.#before.shift()?.length ?? 0;
      return [];
    }
    this.#openBlocks = BLOCKS_AFTER;
    const blocks = [...this.#before, block];
    this.#before = [];
    return blocks;
  }
}
