import { join } from 'node:path';
import type { Service } from '../supervisor/service.ts';
import type { Ports } from './choose-ports.ts';
import type { StandIns } from './choose-stand-ins.ts';
import type { LocalKeys } from './local-keys.ts';
import { AGENT_NAMES, type Settings, SIDECAR_NAMES, serviceEnvironment } from './settings.ts';
import { sidecarUrl } from './status-document.ts';

type Options = {
  settings: Settings;
  standIns: StandIns;
  keys: LocalKeys;
  ports: Ports;
  home: string;
  /** The livekit-server to run, or null for none. */
  livekitBinary: string | null;
};

const LOCAL = { after: [], readyWithinMs: 60_000, graceMs: 5000, readiness: { line: true } } as const;
const local = (port: number) => `http://127.0.0.1:${port}`;

function databaseService({ settings, standIns, keys, ports, home }: Options): Service {
  return {
    ...LOCAL,
    name: 'database',
    label: 'Database and sign-in',
    args: ['local/database/main.ts'],
    address: local(ports.supabase),
    graceMs: 10_000,
    env: {
      ...serviceEnvironment(settings, ['LOCAL_DATABASE_URL']),
      DO_NOT_TRACK: '1',
      DATA_DIR: home,
      POSTGRES_PORT: String(ports.postgres),
      SUPABASE_PORT: String(ports.supabase),
      SUPABASE_PUBLISHABLE_KEY: keys.supabasePublishableKey,
      SUPABASE_SERVICE_ROLE_KEY: keys.supabaseSecretKey,
      SUPABASE_JWT_SECRET: keys.supabaseJwtSecret,
      // Links to sign in and to choose a new password come where all other mail comes.
      ...(standIns.mail && { MAILBOX_SMTP_PORT: String(ports.smtp) }),
    },
  };
}

function stripeService({ settings, keys, ports, home }: Options): Service {
  return {
    ...LOCAL,
    name: 'stripe',
    label: 'Payments (stand-in)',
    args: ['local/stripe/main.ts'],
    address: local(ports.stripe),
    env: {
      ...serviceEnvironment(settings, []),
      STRIPE_STAND_IN_PORT: String(ports.stripe),
      STRIPE_STAND_IN_FILE: join(home, 'stripe.db'),
      STRIPE_SECRET_KEY: keys.stripeSecretKey,
      STRIPE_PUBLISHABLE_KEY: keys.stripePublishableKey,
      STRIPE_WEBHOOK_SECRET: keys.stripeWebhookSecret,
      STRIPE_WEBHOOK_URL: `${local(ports.sidecar)}/webhooks/stripe`,
    },
  };
}

function mailboxService({ settings, ports, home }: Options): Service {
  return {
    ...LOCAL,
    name: 'mailbox',
    label: 'Mailbox (e-mail stays here)',
    args: ['local/mailbox/main.ts'],
    address: local(ports.mailbox),
    env: {
      ...serviceEnvironment(settings, []),
      MAILBOX_PORT: String(ports.mailbox),
      MAILBOX_SMTP_PORT: String(ports.smtp),
      MAILBOX_FILE: join(home, 'mailbox.db'),
    },
  };
}

function chainService({ settings, ports }: Options): Service {
  return {
    ...LOCAL,
    name: 'chain',
    label: 'Chain with USDC, and facilitator',
    args: ['local/chain/main.ts'],
    address: local(ports.chain),
    env: {
      ...serviceEnvironment(settings, []),
      CHAIN_PORT: String(ports.chain),
      FACILITATOR_PORT: String(ports.facilitator),
    },
  };
}

function speechService({ settings, keys, ports }: Options): Service {
  return {
    ...LOCAL,
    name: 'speech',
    label: 'Speech and language',
    args: ['local/speech/main.ts'],
    address: local(ports.speech),
    readyWithinMs: 120_000,
    env: {
      ...serviceEnvironment(settings, []),
      SPEECH_STAND_IN_PORT: String(ports.speech),
      DEEPGRAM_API_KEY: keys.deepgramApiKey,
      OPENAI_API_KEY: keys.openaiApiKey,
    },
  };
}

function livekitService({ settings, keys, ports, home }: Options, binary: string): Service {
  return {
    ...LOCAL,
    name: 'livekit',
    label: 'LiveKit (voice)',
    args: ['local/livekit/main.ts'],
    address: `ws://127.0.0.1:${ports.livekit}`,
    graceMs: 8000,
    env: {
      ...serviceEnvironment(settings, []),
      LIVEKIT_SERVER_BINARY: binary,
      LIVEKIT_PORT: String(ports.livekit),
      LIVEKIT_RTC_UDP_PORT: String(ports.livekitUdp),
      LIVEKIT_API_KEY: keys.livekitApiKey,
      LIVEKIT_API_SECRET: keys.livekitApiSecret,
      LIVEKIT_WEBHOOK_URL: `${local(ports.sidecar)}/webhooks/livekit`,
      DATA_DIR: join(home, 'logs'),
    },
  };
}

/** The stand-ins that play what has no key. */
export function standInServices(options: Options): Service[] {
  const { standIns, livekitBinary } = options;
  return [
    ...(standIns.database ? [databaseService(options)] : []),
    ...(standIns.stripe ? [stripeService(options)] : []),
    ...(standIns.mail ? [mailboxService(options)] : []),
    ...(standIns.chain ? [chainService(options)] : []),
    // Without a media server there is no call, but `talk` and `demo` still speak, hear and think.
    ...(standIns.stt || standIns.llm || standIns.tts ? [speechService(options)] : []),
    ...(standIns.media && livekitBinary !== null ? [livekitService(options, livekitBinary)] : []),
  ];
}

/**
 * The sidecar and, where there is a media server, the agent.
 * @param settings a configuration that has passed its checks
 * @param after names of what runs here too and must be there first
 * @param limits how long each may take to be ready, and to end: the agent lets its calls end in this time
 */
export function productServices(
  settings: Settings,
  after: readonly string[],
  limits: { readyWithinMs: number; sidecarGraceMs: number; agentGraceMs: number },
): Service[] {
  const sidecar = sidecarUrl(settings);
  const health = `http://127.0.0.1:${settings.HEALTH_CHECK_PORT ?? '8090'}/health`;
  const services: Service[] = [
    {
      name: 'sidecar',
      label: 'Billing sidecar and page',
      args: ['webhook-server/main.ts'],
      env: serviceEnvironment(settings, SIDECAR_NAMES),
      readiness: { http: `${sidecar}/health` },
      after: after.filter((name) => name === 'database'),
      readyWithinMs: limits.readyWithinMs,
      graceMs: limits.sidecarGraceMs,
      address: sidecar,
    },
  ];
  if (settings.LIVEKIT_URL === undefined) return services;
  services.push({
    name: 'agent',
    label: 'Voice agent',
    args: ['agent/main.ts'],
    env: serviceEnvironment(settings, AGENT_NAMES),
    readiness: { http: health },
    after: after.filter((name) => ['database', 'livekit', 'speech', 'sidecar'].includes(name)),
    readyWithinMs: limits.readyWithinMs,
    graceMs: limits.agentGraceMs,
    address: health,
  });
  return services;
}
