/** Conversions of 16-bit linear PCM, one channel. */

const HALF_WIDTH = 16;
const FULL_SCALE = 32768;

/** Scales 16-bit samples to -1..1. */
export function toFloatSamples(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, (sample) => sample / FULL_SCALE);
}

/** Scales -1..1 to 16-bit samples; louder samples are clipped, because wrapping round would crackle. */
export function toInt16Samples(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) =>
    Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE))),
  );
}

/** Reads little-endian 16-bit samples. The bytes are copied, so any alignment is fine; an odd last byte is dropped. */
export function readInt16(bytes: Uint8Array): Int16Array {
  const whole = bytes.byteLength - (bytes.byteLength % 2);
  return new Int16Array(Uint8Array.from(bytes.subarray(0, whole)).buffer);
}

export function concatenate(parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * Changes the sample rate with a polyphase windowed sinc (Hann window, 16 zero crossings a side).
 *
 * @param samples one channel, -1..1
 * @param fromRate Hz of `samples`
 * @param toRate Hz wanted
 * @returns `floor(length * toRate / fromRate)` samples
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  if (fromRate === toRate) return samples;
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const up = toRate / divisor;
  const down = fromRate / divisor;
  const kernels = phaseKernels(up, down);
  const output = new Float32Array(Math.floor((samples.length * up) / down));
  for (let n = 0; n < output.length; n++) {
    const position = n * down;
    const kernel = kernels[position % up] as Float32Array;
    const first = Math.floor(position / up) - kernel.length / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) {
      sum += (kernel[tap] as number) * (samples[first + tap] ?? 0);
    }
    output[n] = sum;
  }
  return output;
}

const kernelCache = new Map<string, Float32Array[]>();

function phaseKernels(up: number, down: number): Float32Array[] {
  const key = `${up}/${down}`;
  const cached = kernelCache.get(key);
  if (cached) return cached;
  // Going down, everything above the new Nyquist frequency must go, or it folds back as noise.
  const cutoff = Math.min(1, up / down);
  const halfTaps = Math.ceil(HALF_WIDTH / cutoff);
  const kernels = Array.from({ length: up }, (_, phase) => sincKernel(phase / up, cutoff, halfTaps));
  kernelCache.set(key, kernels);
  return kernels;
}

function sincKernel(offset: number, cutoff: number, halfTaps: number): Float32Array {
  const taps = Float32Array.from({ length: 2 * halfTaps }, (_, tap) => {
    const distance = tap - halfTaps + 1 - offset;
    const x = Math.PI * distance * cutoff;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (halfTaps + 1));
    return (x === 0 ? 1 : Math.sin(x) / x) * window;
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
