/**
 * Tells speech from silence and noise, 20 ms at a time.
 *
 * A speech recogniser always finds words: given silence Moonshine writes "You", given noise "Thank you". So
 * nothing may reach it that does not hold a voice. Loudness alone cannot tell, a fan is loud too; what noise
 * lacks is the pitch of the vocal cords (60 to 400 Hz).
 */

export const FRAME_MS = 20;

/** `voiced`: loud and with a pitch. `loud`: above the noise, such as an "s". `quiet`: the rest. */
export type Loudness = 'voiced' | 'loud' | 'quiet';

const ANALYSIS_RATE = 4000;
const MIN_RMS = 100;
const NOISE_MARGIN = 2.5;
const NOISE_RISE_PER_FRAME = 1.01;
const MIN_PERIODICITY = 0.5;
const STEADY_CHANGE = 0.02;
const LOWEST_PITCH_HZ = 60;
const HIGHEST_PITCH_HZ = 400;

/** Classifies a stream of frames. One instance per stream: it learns how loud the background is. */
export class VoiceActivityDetector {
  /** Samples in one frame. */
  readonly frameLength: number;
  readonly #decimation: number;
  readonly #analysisRate: number;
  #noise = MIN_RMS / NOISE_MARGIN;
  #previous: number[] = [];
  #previousRms = 0;

  /** @param sampleRate Hz, 8000 to 48000 */
  constructor(sampleRate: number) {
    this.frameLength = Math.round((sampleRate * FRAME_MS) / 1000);
    this.#decimation = Math.round(sampleRate / ANALYSIS_RATE);
    this.#analysisRate = sampleRate / this.#decimation;
  }

  /** @param frame exactly `frameLength` samples, following on the frame before */
  classify(frame: Int16Array): Loudness {
    const decimated = decimate(frame, this.#decimation);
    const window = [...this.#previous, ...decimated];
    this.#previous = decimated;
    const rms = rootMeanSquare(frame);
    const loud = rms > Math.max(MIN_RMS, this.#noise * NOISE_MARGIN);
    // It falls at once and rises slowly: speech has gaps in which it falls back, a fan has none.
    this.#noise = Math.min(rms + 1, this.#noise * NOISE_RISE_PER_FRAME);
    const steady = Math.abs(rms - this.#previousRms) < STEADY_CHANGE * rms;
    this.#previousRms = rms;
    if (!loud) return 'quiet';
    if (steady) return 'loud';
    return periodicity(window, this.#analysisRate) > MIN_PERIODICITY ? 'voiced' : 'loud';
  }
}

function rootMeanSquare(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** Averages groups of samples: a low-pass filter good enough for finding a pitch. */
function decimate(frame: Int16Array, factor: number): number[] {
  return Array.from({ length: Math.floor(frame.length / factor) }, (_, group) => {
    let sum = 0;
    for (let i = 0; i < factor; i++) sum += frame[group * factor + i] ?? 0;
    return sum / factor;
  });
}

/** The highest normalised autocorrelation at the lags of a human pitch: about 0.2 for noise, 0.9 for a vowel. */
function periodicity(samples: number[], rate: number): number {
  // The difference takes out rumble, which is alike at every short lag and would pass for a pitch.
  const x = samples.map((sample, i) => sample - 0.95 * (samples[i - 1] ?? sample));
  let best = 0;
  for (let lag = Math.floor(rate / HIGHEST_PITCH_HZ); lag <= rate / LOWEST_PITCH_HZ; lag++) {
    let product = 0;
    let head = 1e-9;
    let tail = 1e-9;
    for (let i = lag; i < x.length; i++) {
      const a = x[i] as number;
      const b = x[i - lag] as number;
      product += a * b;
      head += a * a;
      tail += b * b;
    }
    best = Math.max(best, product / Math.sqrt(head * tail));
  }
  return best;
}
