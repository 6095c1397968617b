import { z } from 'zod';
import { chainVariables } from './chain-variables.ts';
import {
  address,
  byNetwork,
  count,
  databaseAddress,
  host,
  longSecret,
  megabytes,
  milliseconds,
  oneOf,
  origins,
  pageAddress,
  port,
  seconds,
  secret,
  webAddress,
  yesOrNo,
} from './kinds.ts';
import { speechVariables, spokenLocales } from './speech-variables.ts';

/** Variables that every process reads. */
const commonVariables = z.object({
  ENVIRONMENT: oneOf('development', 'test', 'production').default('development'),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'))
    .default('info'),
  SUPABASE_URL: webAddress('https://your-project.supabase.co'),
  SUPABASE_SERVICE_ROLE_KEY: longSecret(20, 'must be the secret or service_role key of the project'),
  /** Seals what sellers' APIs are shown to let us in. Without it no product has secrets. */
  API_SECRETS_KEY: longSecret(
    32,
    'must have 32 characters or more, e.g. from: openssl rand -hex 32',
  ).optional(),
  /** Of paid APIs that are asked though they are on this machine: stand-ins. */
  PAID_API_ORIGINS: origins(),
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
  ...chainVariables.shape,
  SIDECAR_PORT: port(8003),
  SIDECAR_HOST: host('127.0.0.1'),
  SUPABASE_PUBLISHABLE_KEY: longSecret(20, 'must be the publishable or anon key of the project'),
  DATABASE_URL: databaseAddress('postgresql://mindbot_jobs:password@host:5432/postgres'),
  SUPABASE_JWT_SECRET: longSecret(32, 'must have 32 characters or more').optional(),
  STRIPE_SECRET_KEY: secret(
    /^(sk|rk)_(test|live)_/,
    'must begin with sk_live_, sk_test_, rk_live_ or rk_test_',
  ),
  STRIPE_PUBLISHABLE_KEY: secret(/^pk_(test|live)_/, 'must begin with pk_live_ or pk_test_'),
  STRIPE_WEBHOOK_SECRET: secret(
    /^whsec_[^\s,]+(\s*,\s*whsec_[^\s,]+)*$/,
    'must begin with whsec_; several, separated by commas, hold at once',
  ),
  /** Of the endpoint for thin events. Without it nothing is heard of usage that Stripe could not count. */
  STRIPE_THIN_WEBHOOK_SECRET: secret(
    /^whsec_[^\s,]+(\s*,\s*whsec_[^\s,]+)*$/,
    'must begin with whsec_; several, separated by commas, hold at once',
  ).optional(),
  STRIPE_API_URL: webAddress('http://127.0.0.1:12111').optional(),
  /** With it usage is reported to Metronome, and not to Stripe's meters: never to both. */
  /** With it time is sold by x402. */
  X402_FACILITATOR_URL: webAddress('https://x402.org/facilitator').optional(),
  X402_FACILITATOR_TOKEN: z.string().min(1).optional(),
  X402_PAY_TO: byNetwork('eip155:84532=0x…,solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1=…'),
  X402_RPC_URLS: byNetwork('eip155:84532=https://sepolia.base.org'),
  X402_ASSETS: byNetwork('eip155:31337=0x…/USD Coin/2'),
  X402_MAINNETS: yesOrNo(),
  X402_SETTLE_MS: milliseconds(20_000, 100, 120_000),
  /** With it time is sold by MPP, paid by card at Stripe: the profile of this seller there. */
  MPP_STRIPE_NETWORK: z.string().min(1).max(100).optional(),
  METRONOME_API_KEY: z.string().min(1).optional(),
  METRONOME_API_URL: webAddress('https://api.metronome.com').default('https://api.metronome.com'),
  ACTIVATION_CODE_KEY: longSecret(32, 'must have 32 characters or more, e.g. from: openssl rand -hex 32'),
  /** Hashes the API keys of tenants. */
  API_KEY_PEPPER: longSecret(32, 'must have 32 characters or more, e.g. from: openssl rand -hex 32'),
  PUBLIC_URL: pageAddress('https://your-host').optional(),
  /** Of pages that are not ours and may ask all the same. */
  ALLOWED_ORIGINS: origins(),
  REQUESTS_AT_ONCE: count(8, 1, 10_000),
  STRIPE_AUTOMATIC_TAX: yesOrNo(),
  // Any text: a mistake in the configuration of mail is told by health and doctor, and keeps nobody from paying.
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  /** Who is told by mail that somebody asks for help. */
  SUPPORT_EMAIL: z.string().optional(),
  PAGE_HEADLINE: z.string().max(80).optional(),
  PAGE_PURPOSE: z.string().max(300).optional(),
  PAGE_EXAMPLES: z
    .string()
    .default('')
    .transform((text) => text.split('|').map((example) => example.trim()))
    .transform((examples) => examples.filter((example) => example !== '')),
  OPERATOR_NAME: z.string().max(300).optional(),
  CONTACT_EMAIL: z.email({ error: 'must be one address, such as help@your-domain' }).optional(),
  TERMS_URL: webAddress('https://your-domain/terms').optional(),
  PRIVACY_URL: webAddress('https://your-domain/privacy').optional(),
  PROXIES_IN_FRONT: count(0, 0, 10),
  MAX_CALLS_PER_PERSON: count(4, 1, 64),
  /** Free minutes for new people; 0: none. */
  TRIAL_MINUTES: count(0, 0, 600),
  TRIAL_VALID_DAYS: count(14, 1, 366),
  TRIALS_PER_ADDRESS: count(3, 1, 10_000),
  TRIALS_PER_DAY: count(100, 1, 1_000_000),
  /** The page offers no other languages. */
  SPOKEN_LOCALES: spokenLocales,
  RENEWAL_BATCH_MS: milliseconds(5, 0, 500),
  /** Where errors are reported, by the SDK of Sentry; without it, nowhere. */
  SENTRY_DSN: webAddress('https://key@o1.ingest.sentry.io/1').optional(),
  /** What errors are reported under, besides the environment. */
  RELEASE: z.string().max(100).optional(),
});

/** What a call reads, whatever line it is on. */
export const callVariables = z.object({
  ...commonVariables.shape,
  /** Without it the agent takes no activation codes. */
  ACTIVATION_CODE_KEY: longSecret(32, 'must have 32 characters or more').optional(),
  ...speechVariables.shape,
  /** What operators see of quality is by it. */
  RELEASE: z.string().max(100).optional(),
  SLICE_SECONDS: seconds(30, 5, 600),
  LEASE_MARGIN_SECONDS: seconds(15, 1, 600),
  RENEWAL_URL: webAddress('https://your-host/internal/renewals').optional(),
  RECONNECT_GRACE_SECONDS: seconds(30, 0, 600),
  PRESENCE_CHECK_SECONDS: seconds(10, 0, 600),
  // Far above the 400 ms between two packets of silence, or every pause is taken for a dead line.
  DEAD_LINE_MS: milliseconds(4000, 0, 60_000).refine((ms) => ms === 0 || ms >= 2000, {
    error: 'must be 0, or 2000 to 60000 milliseconds',
  }),
  SILENCE_ASK_SECONDS: seconds(45, 0, 3600),
  SILENCE_GOODBYE_SECONDS: seconds(30, 5, 3600),
  DESK_SECONDS: seconds(90, 0, 600),
  MAX_CALLS_PER_PERSON: count(4, 1, 64),
});

/** What the voice worker reads. */
export const agentVariables = z.object({
  ...callVariables.shape,
  ...livekitVariables.shape,
  STATUS_HOST: host('127.0.0.1'),
  HEALTH_CHECK_PORT: port(8090),
  PROMETHEUS_PORT: port(8080),
  /** Where traces go, by OTLP over HTTP; https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress('http://127.0.0.1:4318').optional(),
  OTEL_SERVICE_NAME: z.string().default('mindbot-agent'),
  JOB_MEMORY_LIMIT_MB: megabytes(1024, 256, 65_536),
  DRAIN_SECONDS: seconds(3600, 1, 86_400),
});

export type SidecarConfig = z.infer<typeof sidecarVariables>;
export type CallConfig = z.infer<typeof callVariables>;
export type AgentConfig = z.infer<typeof agentVariables>;
