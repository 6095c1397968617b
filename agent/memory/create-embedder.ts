import OpenAI from 'openai';
import type { Logger } from 'pino';
import type { CallConfig } from '../../shared/config/variables.ts';
import { NO_KEY } from '../speech/providers/openai-provider.ts';

/** Vectors of texts, in their order. */
export type Embedder = {
  model: string;
  /** @returns undefined when no usable answer came in time: the search by words does without */
  embed(texts: readonly string[], deadlineMs: number): Promise<number[][] | undefined>;
};

/**
 * Embeddings of any OpenAI-compatible address (https://platform.openai.com/docs/api-reference/embeddings/create).
 * @returns undefined where no model is configured
 */
export function createEmbedder(config: CallConfig, logger: Logger): Embedder | undefined {
  const model = config.EMBEDDING_MODEL;
  if (model === undefined) return undefined;
  const { EMBEDDING_BASE_URL: own, OPENAI_BASE_URL, OPENAI_API_KEY } = config;
  const apiKey = config.EMBEDDING_API_KEY ?? (own === undefined ? OPENAI_API_KEY : NO_KEY);
  const client = new OpenAI({ apiKey, baseURL: own ?? OPENAI_BASE_URL, maxRetries: 0 });
  return {
    model,
    async embed(texts, deadlineMs) {
      if (texts.length === 0) return [];
      try {
        const { data } = await client.embeddings.create(
          { model, input: [...texts], encoding_format: 'float' },
          { signal: AbortSignal.timeout(deadlineMs) },
        );
        const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
        if (vectors.length === texts.length) return vectors;
        logger.warn('embeddings are incomplete');
      } catch (error) {
        // Only what failed, never what was sent.
        logger.warn({ failure: failureOf(error) }, 'no embeddings');
      }
      return undefined;
    },
  };
}

/** What may be logged of a failed request: providers repeat what they were sent in their messages. */
export function failureOf(error: unknown): string {
  if (error instanceof OpenAI.APIError && error.status !== undefined) return `status ${error.status}`;
  return error instanceof Error ? error.name : 'unknown';
}
