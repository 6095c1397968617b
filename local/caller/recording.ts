import { wavFile } from './wav-file.ts';

const RATE = 24_000;

type Side = 'caller' | 'agent';

/** Records both sides of a call on one time line: the caller on the left channel, the agent on the right. */
export class Recording {
  readonly #startMs = performance.now();
  readonly #tracks: Record<Side, { at: number; samples: Int16Array }[]> = { caller: [], agent: [] };
  readonly #ends: Record<Side, number> = { caller: 0, agent: 0 };

  /** Adds samples that begin now, or where the side's last ones end if those are still playing. */
  add(side: Side, samples: Int16Array, sampleRate: number): void {
    const now = Math.round(((performance.now() - this.#startMs) * RATE) / 1000);
    const at = Math.max(now, this.#ends[side]);
    const converted = toRate(samples, sampleRate);
    this.#tracks[side].push({ at, samples: converted });
    this.#ends[side] = at + converted.length;
  }

  /** A RIFF WAVE file: 16 bit, stereo, 24 kHz. */
  toWav(): Buffer {
    return wavFile([this.#track('caller'), this.#track('agent')], RATE);
  }

  #track(side: Side): Int16Array {
    const track = new Int16Array(this.#ends[side]);
    for (const { at, samples } of this.#tracks[side]) track.set(samples, at);
    return track;
  }
}

/** Linear interpolation is enough for ears; recognition never hears this copy. */
function toRate(samples: Int16Array, sampleRate: number): Int16Array {
  if (sampleRate === RATE) return samples;
  const out = new Int16Array(Math.floor((samples.length * RATE) / sampleRate));
  for (let index = 0; index < out.length; index++) {
    const position = (index * sampleRate) / RATE;
    const before = samples[Math.floor(position)] ?? 0;
    const after = samples[Math.ceil(position)] ?? before;
    out[index] = before + (after - before) * (position % 1);
  }
  return out;
}
