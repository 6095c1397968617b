import { z } from 'zod';
import { readProviderPrices } from '../provider-prices.ts';
import { FALLBACK_LOCALE, LOCALE_TAGS } from '../spoken/locales.ts';

const address = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be an address such as ${example}` });

const webAddress = (example: string) => address(/^https?$/, example);
const port = (fallback: number) =>
  z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65535).default(fallback);
const seconds = (fallback: number, min: number, max: number) =>
  z.coerce.number({ error: 'must be a whole number of seconds' }).int().min(min).max(max).default(fallback);
const milliseconds = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: 'must be a whole number of milliseconds' })
    .int()
    .min(min)
    .max(max)
    .default(fallback);
const locale = z.enum(LOCALE_TAGS, { error: `must be one of ${LOCALE_TAGS.join(', ')}` });
const secret = (prefix: RegExp, hint: string) => z.string().regex(prefix, { error: hint });

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

/** Variables that every process reads. */
const commonVariables = z.object({
  ENVIRONMENT: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']))
    .default('info'),
  SUPABASE_URL: webAddress('https://your-project.supabase.co'),
  SUPABASE_SERVICE_ROLE_KEY: z
    .string()
    .min(20, { error: 'must be the secret or service_role key of the project' }),
});

const livekitVariables = z.object({
  LIVEKIT_URL: address(/^wss?$/, 'wss://your-project.livekit.cloud'),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(1),
});

/** What the sidecar reads. */
export const sidecarVariables = z.object({
  ...commonVariables.shape,
  ...livekitVariables.partial().shape,
  SIDECAR_PORT: port(8003),
  SIDECAR_HOST: z.string().default('127.0.0.1'),
  SUPABASE_PUBLISHABLE_KEY: z
    .string()
    .min(20, { error: 'must be the publishable or anon key of the project' }),
  SUPABASE_JWT_SECRET: z.string().min(32, { error: 'must have 32 characters or more' }).optional(),
  STRIPE_SECRET_KEY: secret(
    /^(sk|rk)_(test|live)_/,
    'must begin with sk_live_, sk_test_, rk_live_ or rk_test_',
  ),
  STRIPE_PUBLISHABLE_KEY: secret(/^pk_(test|live)_/, 'must begin with pk_live_ or pk_test_'),
  STRIPE_WEBHOOK_SECRET: secret(
    /^whsec_[^\s,]+(\s*,\s*whsec_[^\s,]+)*$/,
    'must begin with whsec_; several, separated by commas, hold at once',
  ),
  STRIPE_API_URL: webAddress('http://127.0.0.1:12111').optional(),
  ACTIVATION_CODE_KEY: z
    .string()
    .min(32, { error: 'must have 32 characters or more, e.g. from: openssl rand -hex 32' }),
  PUBLIC_URL: webAddress('https://your-host').optional(),
  STRIPE_AUTOMATIC_TAX: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
  // Any text: a mistake in the configuration of mail is told by health and doctor, and keeps nobody from paying.
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  MAILBOX_URL: webAddress('http://127.0.0.1:8025').optional(),
  PROXIES_IN_FRONT: z.coerce.number({ error: 'must be a whole number' }).int().min(0).max(10).default(0),
  MAX_CALLS_PER_PERSON: z.coerce.number().int().min(1).max(64).default(4),
  RENEWAL_BATCH_MS: z.coerce
    .number({ error: 'must be a whole number of milliseconds' })
    .int()
    .min(0)
    .max(500)
    .default(5),
});

/** What a call reads, whatever line it is on. */
export const callVariables = z.object({
  ...commonVariables.shape,
  /** Without it the agent takes no activation codes. */
  ACTIVATION_CODE_KEY: z.string().min(32, { error: 'must have 32 characters or more' }).optional(),
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
  /** What hearing and voice know. Whoever wants another one is spoken with in the nearest. */
  SPOKEN_LOCALES: z
    .string()
    .default(LOCALE_TAGS.join(','))
    .transform((text) => text.split(',').map((tag) => tag.trim()))
    .pipe(z.array(locale).min(1)),
  /** What models cost, to estimate what a call did. */
  PROVIDER_PRICES: providerPrices,
  SLICE_SECONDS: seconds(30, 5, 600),
  LEASE_MARGIN_SECONDS: seconds(15, 1, 600),
  RENEWAL_URL: webAddress('https://your-host/internal/renewals').optional(),
  RECONNECT_GRACE_SECONDS: seconds(30, 0, 600),
  PRESENCE_CHECK_SECONDS: seconds(10, 0, 600),
  DEAD_LINE_MS: z.coerce
    .number({ error: 'must be a whole number of milliseconds' })
    .int()
    .max(60_000)
    // Far above the 400 ms between two packets of silence, or every pause is taken for a dead line.
    .refine((ms) => ms === 0 || ms >= 2000, { error: 'must be 0, or 2000 or more' })
    .default(4000),
  /** Silence that ends the caller's turn: when the turn model finds it complete, and when it doubts. */
  END_OF_TURN_MIN_MS: milliseconds(300, 100, 5000),
  END_OF_TURN_MAX_MS: milliseconds(1800, 300, 10_000),
  INTERRUPT_AFTER_MS: milliseconds(500, 0, 5000),
  PREEMPTIVE_ANSWERS: z
    .enum(['off', 'words', 'voice'], { error: 'must be off, words or voice' })
    .default('voice'),
  SILENCE_ASK_SECONDS: seconds(45, 0, 3600),
  SILENCE_GOODBYE_SECONDS: seconds(30, 5, 3600),
  DESK_SECONDS: seconds(90, 0, 600),
  MAX_CALLS_PER_PERSON: z.coerce.number().int().min(1).max(64).default(4),
});

/** What the voice worker reads. */
export const agentVariables = z.object({
  ...callVariables.shape,
  ...livekitVariables.shape,
  STATUS_HOST: z.string().default('127.0.0.1'),
  HEALTH_CHECK_PORT: port(8090),
  PROMETHEUS_PORT: port(8080),
  /** Where traces go, by OTLP over HTTP; https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress('http://127.0.0.1:4318').optional(),
  OTEL_SERVICE_NAME: z.string().default('mindbot-agent'),
  JOB_MEMORY_LIMIT_MB: z.coerce
    .number({ error: 'must be a whole number of megabytes' })
    .int()
    .min(256)
    .max(65_536)
    .default(1024),
  DRAIN_SECONDS: seconds(3600, 1, 86_400),
});

export type SidecarConfig = z.infer<typeof sidecarVariables>;
export type CallConfig = z.infer<typeof callVariables>;
export type AgentConfig = z.infer<typeof agentVariables>;
