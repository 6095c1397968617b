import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What of https://platform.openai.com/docs/api-reference/embeddings/create is read. */
export const embeddingsRequest = z.object({
  model: z.string().min(1),
  input: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)])
    .transform((input) => (typeof input === 'string' ? [input] : input)),
  /** What the libraries of OpenAI ask for unless told otherwise is base64: numbers of 32 bits, the lowest byte first. */
  encoding_format: z.enum(['float', 'base64'], { error: 'must be float or base64' }).default('float'),
  dimensions: z.int({ error: 'must be a whole number' }).min(1).max(3072).default(256),
});

/** Texts that share words lie near each other: a count of words in places that their hashes name, of length 1. */
function embed(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\d]+/gu) ?? ['']) {
    const place = createHash('sha256').update(word).digest().readUInt16BE() % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((count) => count / length);
}

function encode(vector: number[], format: 'float' | 'base64'): number[] | string {
  return format === 'float' ? vector : Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}

export function embeddings(request: z.output<typeof embeddingsRequest>): object {
  const { model, input, encoding_format: format, dimensions } = request;
  const words = input.join(' ').split(/\s+/).length;
  return {
    object: 'list',
    model,
    data: input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: encode(embed(text, dimensions), format),
    })),
    usage: { prompt_tokens: words, total_tokens: words },
  };
}
