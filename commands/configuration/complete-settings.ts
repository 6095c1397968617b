import type { z } from 'zod';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';
import type { Ports } from './choose-ports.ts';
import { type StandIns, speaksEnglishOnly } from './choose-stand-ins.ts';
import type { LocalKeys } from './local-keys.ts';
import type { Settings } from './settings.ts';
import { sidecarUrl } from './status-document.ts';

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
    PUBLIC_URL: sidecar,
    ...(standIns.media ? without(settings, MEDIA_VARIABLES) : settings),
    ...(standIns.database && {
      SUPABASE_URL: local(ports.supabase),
      SUPABASE_PUBLISHABLE_KEY: keys.supabasePublishableKey,
      SUPABASE_SERVICE_ROLE_KEY: keys.supabaseSecretKey,
      SUPABASE_JWT_SECRET: keys.supabaseJwtSecret,
      DATABASE_URL: queueUrlOf(
        settings.LOCAL_DATABASE_URL ?? `postgres://127.0.0.1:${ports.postgres}/postgres`,
      ),
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
 * @returns sentences that begin with the variable's name and never hold its value
 */
export function configurationProblems(settings: Settings, hasAgent: boolean): string[] {
  const problems = [
    ...problemsOf(sidecarVariables, settings),
    ...(hasAgent ? problemsOf(agentVariables, settings) : []),
  ];
  const missing = problems.filter((problem) => problem.endsWith(': is missing'));
  const repeated = missing.map((problem) => problem.replace('missing', 'required in production'));
  return [...new Set(problems)].filter((problem) => !repeated.includes(problem)).sort();
}
