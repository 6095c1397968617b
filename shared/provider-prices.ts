import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a model costs, in millionths of a US dollar for so many units. */
const price = z.strictObject({
  input_micros_per_million_tokens: z.int().nonnegative().optional(),
  /** Input that the provider had in its cache; without it, as other input. */
  cached_micros_per_million_tokens: z.int().nonnegative().optional(),
  output_micros_per_million_tokens: z.int().nonnegative().optional(),
  micros_per_million_characters: z.int().nonnegative().optional(),
  /** Of audio spoken or heard. */
  micros_per_minute: z.int().nonnegative().optional(),
});
const prices = z.record(z.string().min(1).max(100), price);

export type ProviderPrice = z.infer<typeof price>;

/** Prices by the name of the model. */
export type ProviderPrices = {
  list: Readonly<Record<string, ProviderPrice>>;
  /** The operator's own, which go before the list's and hold for services on this machine, too. */
  own: Readonly<Record<string, ProviderPrice>>;
};

/**
 * List prices as of 2026-11, by hand and without any promise: check them against https://openai.com/api/pricing/
 * (tokens, speech, embeddings; `gpt-4o-mini-tts` has an estimate per minute there) and https://deepgram.com/pricing
 * (streaming, pay as you go, one language). What you pay goes into PROVIDER_PRICES.
 */
const LIST: ProviderPrices['list'] = {
  'gpt-4.1-mini': {
    input_micros_per_million_tokens: 400_000,
    cached_micros_per_million_tokens: 100_000,
    output_micros_per_million_tokens: 1_600_000,
  },
  'gpt-4.1-nano': {
    input_micros_per_million_tokens: 100_000,
    cached_micros_per_million_tokens: 25_000,
    output_micros_per_million_tokens: 400_000,
  },
  'gpt-4o-mini': {
    input_micros_per_million_tokens: 150_000,
    cached_micros_per_million_tokens: 75_000,
    output_micros_per_million_tokens: 600_000,
  },
  'gpt-4o-mini-tts': { micros_per_minute: 15_000 },
  'tts-1': { micros_per_million_characters: 15_000_000 },
  'nova-3': { micros_per_minute: 7_700 },
  'text-embedding-3-small': { input_micros_per_million_tokens: 20_000 },
};

/**
 * The prices to reckon with.
 * @param text JSON by model, as in `{"my-model": {"micros_per_minute": 5000}}`, or the path of a file with it
 * @throws Error in words for the operator, without what was given
 */
export function readProviderPrices(text = ''): ProviderPrices {
  if (text.trim() === '') return { list: LIST, own: {} };
  const result = prices.safeParse(parse(read(text)));
  if (result.success) return { list: LIST, own: result.data };
  const places = result.error.issues.map(({ path }) => path.join('.') || 'the whole');
  throw new Error(
    `must have prices by model, in whole millionths of a US dollar (docs/voice-measures.md); wrong: ${places.join(', ')}`,
  );
}

function read(text: string): string {
  if (text.trim().startsWith('{')) return text;
  try {
    return readFileSync(text, 'utf8');
  } catch {
    throw new Error('must be JSON, or the path of a file with JSON that can be read');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not valid JSON');
  }
}
