import { z } from 'zod';
import { readProviderPrices } from '../provider-prices.ts';
import { FALLBACK_LOCALE, LOCALE_TAGS } from '../spoken/locales.ts';
import { address, milliseconds, oneOf, webAddress } from './kinds.ts';

const locale = oneOf(...LOCALE_TAGS);

/** What stt and tts know. Whoever wants another one is spoken with in the nearest. */
export const spokenLocales = z
  .string()
  .default(LOCALE_TAGS.join(','))
  .transform((text) => text.split(',').map((tag) => tag.trim()))
  .pipe(z.array(locale).min(1));

const providerPrices = z
  .string()
  .default('')
  .transform((text, { addIssue }) => {
    try {
      return readProviderPrices(text);
    } catch (error) {
      addIssue(error instanceof Error ? error.message : 'cannot be read');
      return z.NEVER;
    }
  });

/** Who hears, thinks, remembers and speaks, in which languages, and how turns are taken. */
export const speechVariables = z.object({
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_BASE_URL: webAddress('https://api.openai.com/v1').default('https://api.openai.com/v1'),
  OPENAI_MODEL: z.string().default('gpt-4.1-mini'),
  /** Without it memories are searched for by their words. */
  EMBEDDING_MODEL: z.string().min(1).optional(),
  EMBEDDING_BASE_URL: webAddress('https://api.openai.com/v1').optional(),
  EMBEDDING_API_KEY: z.string().min(1).optional(),
  OPENAI_TTS_API_KEY: z.string().min(1).optional(),
  OPENAI_TTS_BASE_URL: webAddress('https://api.openai.com/v1').optional(),
  OPENAI_TTS_MODEL: z.string().default('gpt-4o-mini-tts'),
  OPENAI_TTS_VOICE: z.string().default('echo'),
  /** Who answers when the first one does not: another model there, then another provider. */
  OPENAI_FALLBACK_MODEL: z.string().optional(),
  OPENAI_FALLBACK_BASE_URL: webAddress('http://127.0.0.1:11434/v1').optional(),
  OPENAI_FALLBACK_API_KEY: z.string().min(1).optional(),
  OPENAI_FALLBACK_PROVIDER_MODEL: z.string().optional(),
  OPENAI_TTS_FALLBACK_BASE_URL: webAddress('http://127.0.0.1:8880/v1').optional(),
  OPENAI_TTS_FALLBACK_API_KEY: z.string().min(1).optional(),
  OPENAI_TTS_FALLBACK_MODEL: z.string().optional(),
  OPENAI_TTS_FALLBACK_VOICE: z.string().optional(),
  /** How long a model may take to begin, and between two pieces of what it makes. */
  OPENAI_DEADLINE_MS: milliseconds(4000, 100, 30_000),
  OPENAI_TTS_DEADLINE_MS: milliseconds(4000, 100, 30_000),
  DEEPGRAM_API_KEY: z.string().min(1),
  DEEPGRAM_BASE_URL: address(/^(https?|wss?)$/, 'https://api.deepgram.com').default(
    'https://api.deepgram.com',
  ),
  /** Who hears when the first one does not. */
  DEEPGRAM_FALLBACK_BASE_URL: address(/^(https?|wss?)$/, 'ws://127.0.0.1:8400').optional(),
  DEEPGRAM_FALLBACK_API_KEY: z.string().min(1).optional(),
  DEEPGRAM_FALLBACK_MODEL: z.string().min(1).optional(),
  /** Spoken with callers of whom no other locale is known. */
  DEFAULT_LOCALE: locale.default(FALLBACK_LOCALE),
  SPOKEN_LOCALES: spokenLocales,
  /** What models cost, to estimate what a call did. */
  PROVIDER_PRICES: providerPrices,
  /** Silence that ends the caller's turn: when the turn model finds it complete, and when it doubts. */
  END_OF_TURN_MIN_MS: milliseconds(300, 100, 5000),
  END_OF_TURN_MAX_MS: milliseconds(1800, 300, 10_000),
  INTERRUPT_AFTER_MS: milliseconds(500, 0, 5000),
  PREEMPTIVE_ANSWERS: oneOf('off', 'words', 'voice').default('voice'),
});
