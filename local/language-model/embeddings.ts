import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What of https://platform.openai.com/docs/api-reference/embeddings/create is read. */
export const embeddingsRequest = z.object({
  model: z.string().min(1),
  input: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)])
    .transform((input) => (typeof input === 'string' ? [input] : input)),
  // The other format, base64, is for what saves bytes.
  encoding_format: z.literal('float').default('float'),
});

const DIMENSIONS = 256;

/** Texts that share words lie near each other: a count of words in places that their hashes name, of length 1. */
function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\d]+/gu) ?? ['']) {
    const place = createHash('sha256').update(word).digest().readUInt16BE() % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((count) => count / length);
}

export function embeddings({ model, input }: z.output<typeof embeddingsRequest>): object {
  const words = input.join(' ').split(/\s+/).length;
  return {
    object: 'list',
    model,
    data: input.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) })),
    usage: { prompt_tokens: words, total_tokens: words },
  };
}
