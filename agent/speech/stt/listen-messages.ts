import { z } from 'zod';

const word = z.object({
  word: z.string(),
  punctuated_word: z.string().optional(),
  start: z.number(),
  end: z.number(),
  confidence: z.number().default(0),
});

const alternative = z.object({
  transcript: z.string(),
  confidence: z.number().default(0),
  languages: z.array(z.string()).optional(),
  words: z.array(word).default([]),
});

const results = z.object({
  type: z.literal('Results'),
  start: z.number(),
  duration: z.number(),
  is_final: z.boolean().default(false),
  speech_final: z.boolean().default(false),
  from_finalize: z.boolean().default(false),
  channel: z.object({ alternatives: z.tuple([alternative], alternative) }),
  metadata: z.object({ request_id: z.string() }).optional(),
});

const listenMessage = z.discriminatedUnion('type', [
  results,
  z.object({ type: z.literal('SpeechStarted') }),
  z.object({ type: z.literal('UtteranceEnd') }),
]);

/**
 * What a recogniser says while it listens, in seconds since its connection opened. A result with `is_final` is never
 * taken back, and tells with `start + duration` up to where the audio is done with, words or none.
 */
export type ListenMessage = z.output<typeof listenMessage>;
export type Results = z.output<typeof results>;

/** @returns undefined for messages that are of no interest here, such as `Metadata` */
export function parseListenMessage(text: string): ListenMessage | undefined {
  try {
    return listenMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
