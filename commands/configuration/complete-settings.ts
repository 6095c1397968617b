import { z } from 'zod';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { databaseAddress } from '../../shared/config/kinds.ts';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';
import { FROM_SETTINGS, type Ports } from './choose-ports.ts';
import { type StandIns, speaksEnglishOnly } from './choose-stand-ins.ts';
import type { LocalKeys } from './local-keys.ts';
import type { Settings } from './settings.ts';
import { sidecarUrl } from './status-document.ts';

/** On a chain of this machine: the eighth account of the words that everybody knows. */
const LOCAL_PAY_TO = 'eip155:84532=0x14dC79964da2C08b23698B3D3cc7Ca32193d9955';
const MEDIA_VARIABLES = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'];

function without(settings: Settings, names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

function languageSettings(settings: Settings, standIns: StandIns, keys: LocalKeys, speech: string): Settings {
  const openai = `${speech}/v1`;
  return {
    ...(standIns.llm && { OPENAI_BASE_URL: openai }),
    OPENAI_API_KEY: settings.OPENAI_API_KEY ?? keys.openaiApiKey,
    ...(standIns.tts && { OPENAI_TTS_BASE_URL: openai, OPENAI_TTS_API_KEY: keys.openaiApiKey }),
    ...(standIns.stt && { DEEPGRAM_BASE_URL: speech.replace('http:', 'ws:') }),
    DEEPGRAM_API_KEY: settings.DEEPGRAM_API_KEY ?? keys.deepgramApiKey,
    ...(speaksEnglishOnly(standIns) && { SPOKEN_LOCALES: 'en-US,en-GB' }),
  };
}

/** In the database that runs here, or in one of the developer's own; what is no address is told by the check. */
function localQueueUrl({ LOCAL_DATABASE_URL: own }: Settings, ports: Ports): string {
  const here = `postgres://127.0.0.1:${ports.postgres}/postgres`;
  return queueUrlOf(own !== undefined && URL.canParse(own) ? own : here);
}

/**
 * The whole configuration of a development run: what is set, plus the address and keys of every stand-in.
 * @param hasLocalMedia whether a LiveKit server runs here in place of a missing LIVEKIT_URL
 */
export function completeSettings(options: {
  settings: Settings;
  standIns: StandIns;
  keys: LocalKeys;
  ports: Ports;
  hasLocalMedia: boolean;
}): Settings {
  const { settings, standIns, keys, ports, hasLocalMedia } = options;
  const local = (port: number, scheme = 'http') => `${scheme}://127.0.0.1:${port}`;
  const sidecar = sidecarUrl({ ...settings, SIDECAR_PORT: String(ports.sidecar) });
  return {
    ENVIRONMENT: 'development',
    RENEWAL_URL: `${sidecar}/internal/renewals`,
    ACTIVATION_CODE_KEY: keys.activationCodeKey,
    API_KEY_PEPPER: keys.apiKeyPepper,
    PUBLIC_URL: sidecar,
    ...(standIns.media ? without(settings, MEDIA_VARIABLES) : settings),
    ...(standIns.database && {
      SUPABASE_URL: local(ports.supabase),
      SUPABASE_PUBLISHABLE_KEY: keys.supabasePublishableKey,
      SUPABASE_SERVICE_ROLE_KEY: keys.supabaseSecretKey,
      SUPABASE_JWT_SECRET: keys.supabaseJwtSecret,
      DATABASE_URL: localQueueUrl(settings, ports),
    }),
    ...(standIns.stripe && {
      STRIPE_API_URL: local(ports.stripe),
      STRIPE_SECRET_KEY: keys.stripeSecretKey,
      STRIPE_PUBLISHABLE_KEY: keys.stripePublishableKey,
      STRIPE_WEBHOOK_SECRET: keys.stripeWebhookSecret,
    }),
    ...(standIns.mail && {
      SMTP_URL: local(ports.smtp, 'smtp'),
      MAIL_FROM: settings.MAIL_FROM ?? 'MindBot <mindbot@localhost>',
      MAILBOX_URL: local(ports.mailbox),
    }),
    ...(standIns.chain && {
      X402_FACILITATOR_URL: local(ports.facilitator),
      X402_PAY_TO: settings.X402_PAY_TO ?? LOCAL_PAY_TO,
      X402_RPC_URLS: `eip155:84532=${local(ports.chain)}`,
      MPP_STRIPE_NETWORK: settings.MPP_STRIPE_NETWORK ?? 'profile_local',
    }),
    ...(hasLocalMedia && {
      LIVEKIT_URL: local(ports.livekit, 'ws'),
      LIVEKIT_API_KEY: keys.livekitApiKey,
      LIVEKIT_API_SECRET: keys.livekitApiSecret,
    }),
    ...languageSettings(settings, standIns, keys, local(ports.speech)),
    SIDECAR_PORT: String(ports.sidecar),
    HEALTH_CHECK_PORT: String(ports.health),
    PROMETHEUS_PORT: String(ports.metrics),
  };
}

/** What only the launcher reads. */
const localVariables = z.object({
  LOCAL_DATABASE_URL: databaseAddress('postgres://postgres:password@127.0.0.1:5432/mindbot').optional(),
});

/** What was asked for where a development run puts something of its own in place: a wrong value must not vanish. */
export const askedSettings = (settings: Settings): Settings =>
  Object.fromEntries(
    [...Object.values(FROM_SETTINGS), 'SPOKEN_LOCALES'].flatMap((name) => {
      const value = settings[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function problemsOf(schema: z.ZodObject, settings: Settings): readonly string[] {
  try {
    loadConfig(schema, settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/**
 * All that is wrong with the configuration of both processes, at once, each problem once.
 * @param settings the configuration as both would get it
 * @param hasAgent false where no agent will run, because there is no media server
 * @returns sentences that begin with the variable's name, and hold its value only where that is no secret
 */
export function configurationProblems(settings: Settings, hasAgent: boolean): string[] {
  const ofAgent = problemsOf(agentVariables, settings);
  const problems = [
    ...problemsOf(sidecarVariables, settings),
    ...(settings.ENVIRONMENT === 'production' ? [] : problemsOf(localVariables, settings)),
    // Also without a media server: `talk` reads nearly all of them, and a slip is easier to mend now.
    ...ofAgent.filter((problem) => hasAgent || !/^LIVEKIT_\w+: is missing/.test(problem)),
  ];
  const missing = problems.filter((problem) => problem.endsWith(': is missing'));
  const repeated = missing.map((problem) => problem.replace('missing', 'required in production'));
  return [...new Set(problems)].filter((problem) => !repeated.includes(problem)).sort();
}
