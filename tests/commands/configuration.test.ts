import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { choosePorts, DEFAULT_PORTS, neededPorts } from '../../commands/configuration/choose-ports.ts';
import { chooseStandIns } from '../../commands/configuration/choose-stand-ins.ts';
import { completeSettings } from '../../commands/configuration/complete-settings.ts';
import { loadLocalKeys, makeLocalKeys } from '../../commands/configuration/local-keys.ts';
import { planDevelopment } from '../../commands/configuration/plan-development.ts';
import { planProduction, productionSettings } from '../../commands/configuration/plan-production.ts';
import { readSettings, type Settings } from '../../commands/configuration/settings.ts';
import { statusDocument } from '../../commands/configuration/status-document.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const keys = makeLocalKeys();
const ports = DEFAULT_PORTS;
const NOTHING_LOCAL = {
  database: false,
  stripe: false,
  stt: false,
  llm: false,
  tts: false,
  media: false,
  mail: false,
};

function complete(settings: Settings, hasLocalMedia = true): Settings {
  return completeSettings({ settings, standIns: chooseStandIns(settings), keys, ports, hasLocalMedia });
}

const plan = (settings: Settings, livekitBinary: string | null = '/bin/livekit-server') =>
  planDevelopment({ settings, keys, ports, home: '/tmp/home', livekitBinary });

const names = (settings: Settings, binary?: string | null) =>
  plan(settings, binary).services.map(({ name }) => name);

const REAL = {
  SUPABASE_URL: 'https://project.supabase.co',
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_real_real_real_real',
  SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_real_real_real_real_real',
  DATABASE_URL:
    'postgresql://mindbot_jobs.project:real@pooler.supabase.com:5432/postgres?sslmode=verify-full',
  STRIPE_SECRET_KEY: 'sk_live_real',
  STRIPE_PUBLISHABLE_KEY: 'pk_live_real',
  STRIPE_WEBHOOK_SECRET: 'whsec_real',
  DEEPGRAM_API_KEY: 'deepgram-real',
  OPENAI_API_KEY: 'openai-real',
  LIVEKIT_URL: 'wss://project.livekit.cloud',
  LIVEKIT_API_KEY: 'APIreal',
  LIVEKIT_API_SECRET: 'livekit-real',
  ACTIVATION_CODE_KEY: 'a'.repeat(64),
  API_KEY_PEPPER: 'a'.repeat(64),
};

const TEST_KEYS = { STRIPE_SECRET_KEY: 'sk_test_real', STRIPE_PUBLISHABLE_KEY: 'pk_test_real' };

test('nothing set: a stand-in for everything', () => {
  expect(names({})).toEqual(['database', 'stripe', 'mailbox', 'speech', 'livekit', 'sidecar', 'agent']);
});

test('everything set: no stand-in, only the sidecar and the agent', () => {
  const all = { ...REAL, ...TEST_KEYS, SMTP_URL: 'smtps://mail.example', MAIL_FROM: 'hello@example.com' };
  expect(chooseStandIns(all)).toEqual(NOTHING_LOCAL);
  expect(names(all)).toEqual(['sidecar', 'agent']);
});

test.each([
  ['SUPABASE_URL', 'database'],
  ['STRIPE_SECRET_KEY', 'stripe'],
  ['DEEPGRAM_API_KEY', 'stt'],
  ['LIVEKIT_URL', 'media'],
] as const)('%s alone switches off only its own stand-in', (name, standIn) => {
  const all = chooseStandIns({});
  expect(chooseStandIns({ [name]: REAL[name] })).toEqual({ ...all, [standIn]: false });
});

test('an OpenAI key serves llm and tts, and the real address stays the default', () => {
  const settings = complete({ OPENAI_API_KEY: 'openai-real' });
  const config = loadConfig(agentVariables, settings);
  expect(config.OPENAI_BASE_URL).toBe('https://api.openai.com/v1');
  expect(config.OPENAI_TTS_BASE_URL).toBeUndefined();
  expect(config.DEEPGRAM_BASE_URL).toBe('ws://127.0.0.1:8011');
});

test('OPENAI_BASE_URL without a key (Ollama): the llm is there, tts stays here', () => {
  const settings = complete({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' });
  expect(settings).toMatchObject({
    OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1',
    OPENAI_TTS_BASE_URL: 'http://127.0.0.1:8011/v1',
    OPENAI_TTS_API_KEY: keys.openaiApiKey,
  });
  expect(names({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' })).toContain('speech');
});

test('without a media server: no agent and no LiveKit, all else stays', () => {
  expect(names({}, null)).toEqual(['database', 'stripe', 'mailbox', 'speech', 'sidecar']);
  expect(complete({ LIVEKIT_API_KEY: 'left over' }, false).LIVEKIT_API_KEY).toBeUndefined();
  expect(plan({}, null).status).toMatchObject({ livekit: null, agent: { health_url: null } });
});

test('the stand-ins satisfy both processes in development, and production refuses every one of their keys', () => {
  const settings = complete({});
  expect(loadConfig(sidecarVariables, settings).SIDECAR_PORT).toBe(8003);
  expect(loadConfig(agentVariables, settings).HEALTH_CHECK_PORT).toBe(8090);
  for (const [name, key] of Object.entries(keys)) {
    if (name !== 'activationCodeKey') expect(key, name).toMatch(/standin/);
  }
  expect(() => loadConfig(sidecarVariables, { ...settings, ENVIRONMENT: 'production' })).toThrow(
    /STRIPE_SECRET_KEY.*\n.*STRIPE/,
  );
});

test('every problem of the sidecar and of the agent is told at once, and no secret with it', () => {
  const wrong = {
    STRIPE_SECRET_KEY: 'hunter2',
    HEALTH_CHECK_PORT: 'ninety',
    SIDECAR_PORT: '8003',
    LOG_LEVEL: 'loud',
  };
  const message = (() => {
    try {
      planProduction(productionSettings(wrong));
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  })();
  for (const name of Object.keys(REAL)) expect(message).toContain(`${name}:`);
  for (const name of ['HEALTH_CHECK_PORT', 'LOG_LEVEL']) expect(message).toContain(`${name}:`);
  expect(message).toContain('HEALTH_CHECK_PORT: is "ninety", and must be a port number from 0 to 65535');
  expect(message).not.toMatch(/hunter2/);
});

test('dev says at once that ENVIRONMENT=production is not for it', () => {
  expect(() => plan({ ENVIRONMENT: 'production' })).toThrow(/dev is for development/);
});

test('the agent never gets a key of Stripe, and no stand-in gets a real one', () => {
  const { services } = plan({ DEEPGRAM_API_KEY: 'deepgram-real', PATH: '/bin' });
  const env = (name: string) => services.find((service) => service.name === name)?.env ?? {};
  expect(env('agent')).toMatchObject({ DEEPGRAM_API_KEY: 'deepgram-real', PATH: '/bin' });
  expect(Object.keys(env('agent')).filter((name) => name.includes('STRIPE'))).toEqual([]);
  for (const name of ['database', 'stripe', 'mailbox', 'speech', 'livekit']) {
    expect(Object.values(env(name)), name).not.toContain('deepgram-real');
    expect(Object.keys(env(name)), name).not.toContain('ACTIVATION_CODE_KEY');
  }
});

test('status shows the secrets of stand-ins only', () => {
  expect(statusDocument(complete({}), chooseStandIns({}))).toEqual({
    sidecar: { url: 'http://127.0.0.1:8003' },
    agent: { health_url: 'http://127.0.0.1:8090/health' },
    supabase: {
      url: 'http://127.0.0.1:54321',
      publishable_key: keys.supabasePublishableKey,
      secret_key: keys.supabaseSecretKey,
    },
    stripe: {
      api_url: 'http://127.0.0.1:12111',
      secret_key: keys.stripeSecretKey,
      webhook_secret: keys.stripeWebhookSecret,
    },
    mailbox: { url: 'http://127.0.0.1:8025' },
    livekit: { url: 'ws://127.0.0.1:7880', api_key: keys.livekitApiKey, api_secret: keys.livekitApiSecret },
  });
  const real = JSON.stringify(statusDocument(complete(REAL), chooseStandIns(REAL)));
  expect(real).not.toMatch(/sb_secret_|sk_live|whsec_|APIreal|livekit-real/);
  expect(real).toContain('"secret_key":null');
});

test('the real environment wins over .env, and an empty variable counts as not set', () => {
  const file = join(temporaryFolder(), '.env');
  writeFileSync(file, '# a comment\nLOG_LEVEL=debug\nOPENAI_API_KEY=\nSTRIPE_SECRET_KEY="sk_test_file"\n');
  expect(readSettings(file, { LOG_LEVEL: 'warn', STRIPE_SECRET_KEY: '' })).toEqual({
    LOG_LEVEL: 'warn',
    STRIPE_SECRET_KEY: 'sk_test_file',
  });
});

test('local keys are made once, and only their owner may read them', () => {
  const home = temporaryFolder();
  const first = loadLocalKeys(home);
  expect(loadLocalKeys(home)).toEqual(first);
  expect(statSync(join(home, 'keys.json')).mode & 0o777).toBe(0o600);
  writeFileSync(join(home, 'keys.json'), JSON.stringify({ activationCodeKey: 'kept' }));
  expect(loadLocalKeys(home).activationCodeKey).toBe('kept');
});

test('a taken port is replaced by a free one, never the same one twice, and said', async () => {
  // Both begin at a port that is taken up to 9001, and nobody listens on what was given a moment ago.
  const tcp = async (preferred: number) => Math.max(preferred, 9001);
  const needed = ['sidecar', 'health'] as const;
  const { ports: chosen, moved } = await choosePorts(needed, {}, { tcp, udp: tcp });
  expect([chosen.sidecar, chosen.health]).toEqual([9001, 9002]);
  expect(moved).toEqual([
    { name: 'sidecar', from: 8003, to: 9001 },
    { name: 'health', from: 8090, to: 9002 },
  ]);
});

test('only the ports of what runs are looked at, and those set are the ones wanted', async () => {
  expect(neededPorts(NOTHING_LOCAL, false)).toEqual(['sidecar', 'health', 'metrics']);
  expect(neededPorts({ ...NOTHING_LOCAL, media: true }, false)).toEqual(['sidecar']);
  const same = async (preferred = 0) => preferred;
  const { ports: chosen } = await choosePorts(
    ['sidecar'],
    { SIDECAR_PORT: '9100' },
    { tcp: same, udp: same },
  );
  expect(chosen.sidecar).toBe(9100);
});
