import path from 'node:path';
import { fileURLToPath } from 'node:url';
import tokenizer from 'llama-tokenizer-js';
import * as ort from 'onnxruntime-node';
import { resample, toFloatSamples } from './audio-samples.ts';
import { findSpeechBounds } from './speech-bounds.ts';

const RATE = 16000;
const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const BEGIN_TOKEN = 1;
const END_TOKEN = 2;
const MIN_SECONDS = 0.1;
const MAX_SECONDS = 30;
const TOKENS_PER_SECOND = 6.5;
const PEAK = 0.5;

/** The English model "tiny" of Moonshine (https://github.com/moonshine-ai/moonshine), on ONNX Runtime. */
export class Moonshine {
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;

  private constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession) {
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** Loads the weights that ship inside the npm package (28 MB). The package's own code is for browsers only. */
  static async load(): Promise<Moonshine> {
    const entry = fileURLToPath(import.meta.resolve('@moonshine-ai/moonshine-js'));
    const folder = path.join(path.dirname(entry), 'model/tiny/quantized');
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    return new Moonshine(
      await ort.InferenceSession.create(path.join(folder, 'encoder_model.onnx'), options),
      await ort.InferenceSession.create(path.join(folder, 'decoder_model_merged.onnx'), options),
    );
  }

  /**
   * Writes down what is said.
   *
   * @param pcm one channel
   * @param sampleRate Hz, 8000 to 48000
   * @returns text with punctuation; '' when nobody speaks or the recording is shorter than 0.1 s
   */
  async transcribe(pcm: Int16Array, sampleRate: number): Promise<string> {
    if (pcm.length < MIN_SECONDS * sampleRate) return '';
    const bounds = findSpeechBounds(pcm, sampleRate);
    if (!bounds) return '';
    const speech = toFloatSamples(pcm.subarray(bounds.start, bounds.end));
    const audio = withPeak(resample(speech, sampleRate, RATE), PEAK);
    const texts: string[] = [];
    // The model was trained on recordings of at most 30 s. A shorter rest than 0.1 s is an error in its first layer.
    for (let start = 0; audio.length - start >= MIN_SECONDS * RATE; start += MAX_SECONDS * RATE) {
      texts.push(await this.#decode(audio.slice(start, start + MAX_SECONDS * RATE)));
    }
    return texts.join(' ').trim();
  }

  /** Greedy decoding with a cache of the attention keys and values. */
  async #decode(audio: Float32Array): Promise<string> {
    const encoded = await this.#encoder.run({
      input_values: new ort.Tensor('float32', audio, [1, audio.length]),
    });
    const hidden = encoded.last_hidden_state as ort.Tensor;
    const past = emptyCache();
    const tokens: number[] = [BEGIN_TOKEN];
    const limit = Math.ceil((audio.length / RATE) * TOKENS_PER_SECOND);
    for (let step = 0; step < limit; step++) {
      const output = await this.#decoder.run({
        input_ids: new ort.Tensor('int64', BigInt64Array.of(BigInt(tokens.at(-1) ?? BEGIN_TOKEN)), [1, 1]),
        encoder_hidden_states: hidden,
        use_cache_branch: new ort.Tensor('bool', Uint8Array.of(step > 0 ? 1 : 0), [1]),
        ...past,
      });
      const token = likeliestToken(output.logits?.data as Float32Array, step === 0);
      if (token === END_TOKEN) break;
      tokens.push(token);
      for (const name of Object.keys(past)) {
        // The encoder's part never changes; later steps return it empty.
        if (step > 0 && !name.includes('.decoder.')) continue;
        past[name] = output[name.replace('past_key_values', 'present')] as ort.Tensor;
      }
    }
    return tokenizer.decode(tokens).trim();
  }
}

/** Quiet and loud callers are understood alike. The audio is known to hold a voice, so the peak is not 0. */
function withPeak(samples: Float32Array, peak: number): Float32Array {
  const loudest = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  return samples.map((sample) => (sample * peak) / loudest);
}

function emptyCache(): Record<string, ort.Tensor> {
  const cache: Record<string, ort.Tensor> = {};
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
      const empty = new ort.Tensor('float32', new Float32Array(0), [0, HEADS, 1, HEAD_SIZE]);
      cache[`past_key_values.${layer}.${part}`] = empty;
    }
  }
  return cache;
}

/** The first token may not be the end: after a short pause the model gives up on a third of all recordings. */
function likeliestToken(logits: Float32Array, isFirst: boolean): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) {
    if (isFirst && token === END_TOKEN) continue;
    if ((logits[token] as number) > (logits[best] as number)) best = token;
  }
  return best;
}
