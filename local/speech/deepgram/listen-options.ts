import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const wholeNumber = z.string().regex(/^\d+$/).transform(Number);

/** https://developers.deepgram.com/docs/models-languages-overview */
const KNOWN_MODELS = /^(nova(-[23])?|enhanced|base)(-[a-z]+)?$/;

const listenQuery = z
  .object({
    encoding: z.literal('linear16'),
    sample_rate: wholeNumber.pipe(z.number().min(8000).max(48000)),
    channels: z.literal('1').default('1'),
    language: z
      .string()
      .regex(/^(en(-\w+)?|multi)$/i, { error: 'this stand-in hears English only (Moonshine tiny)' })
      .default('en'),
    model: z.string().regex(KNOWN_MODELS, { error: 'no such model' }).default('nova-3'),
    keywords: z.string().optional(),
    punctuate: flag.optional(),
    smart_format: flag.optional(),
    no_delay: flag.optional(),
    interim_results: flag.default(false),
    vad_events: flag.default(false),
    endpointing: z.union([z.literal('false').transform(() => false as const), wholeNumber]).default(10),
    utterance_end_ms: wholeNumber.pipe(z.number().min(1000)).optional(),
  })
  .refine((query) => query.utterance_end_ms === undefined || query.interim_results, {
    path: ['utterance_end_ms'],
    message: 'needs interim_results=true',
  })
  .refine((query) => query.keywords === undefined || !query.model.startsWith('nova-3'), {
    path: ['keywords'],
    message: 'not with nova-3, which has keyterm',
  })
  .transform((query) => ({
    sampleRate: query.sample_rate,
    model: query.model,
    sendsInterimResults: query.interim_results,
    sendsVadEvents: query.vad_events,
    endpointingMs: query.endpointing,
    utteranceEndMs: query.utterance_end_ms,
  }));

export type ListenOptions = z.output<typeof listenQuery>;

/**
 * Reads the query of `/v1/listen` (https://developers.deepgram.com/reference/speech-to-text/listen-streaming).
 * Parameters that only shape the text, such as `smart_format`, are read and have no effect: Moonshine
 * writes punctuation and numbers as it likes.
 *
 * @returns the options, or a sentence that says what is wrong
 */
export function parseListenOptions(query: URLSearchParams): ListenOptions | string {
  const parsed = listenQuery.safeParse(Object.fromEntries(query));
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}
