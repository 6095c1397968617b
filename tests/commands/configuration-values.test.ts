import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../../commands/configuration/choose-ports.ts';
import { makeLocalKeys } from '../../commands/configuration/local-keys.ts';
import { planDevelopment } from '../../commands/configuration/plan-development.ts';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';

const keys = makeLocalKeys();

/** What a start says of the configuration; empty where there is nothing to say. */
function said(settings: Record<string, string>): string {
  try {
    planDevelopment({
      settings,
      keys,
      ports: DEFAULT_PORTS,
      home: '/tmp/home',
      livekitBinary: '/bin/livekit',
    });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each([
  ['SIDECAR_PORT', 'abc', 'is "abc", and must be a port number from 0 to 65535'],
  ['SIDECAR_PORT', '99999', 'is "99999", and must be a port number from 0 to 65535'],
  ['SIDECAR_PORT', '80.5', 'is "80.5", and must be a port number'],
  ['SIDECAR_PORT', '0x50', 'is "0x50", and must be a port number'],
  ['HEALTH_CHECK_PORT', '-1', 'is "-1", and must be a port number'],
  ['PROMETHEUS_PORT', '8080 8081', 'is "8080 8081", and must be a port number'],
  ['SIDECAR_HOST', 'http://0.0.0.0', 'must be an address of this machine, without port or scheme'],
  ['SIDECAR_HOST', '127.0.0.1:8003', 'must be an address of this machine'],
  ['STATUS_HOST', 'no host', 'must be an address of this machine'],
  ['LOG_LEVEL', 'loud', 'is "loud", and must be one of trace, debug, info'],
  ['ENVIRONMENT', 'staging', 'is "staging", and must be one of development, test, production'],
  ['MAX_CALLS_PER_PERSON', 'many', 'is "many", and must be a whole number from 1 to 64'],
  ['MAX_CALLS_PER_PERSON', '1000', 'is "1000", and must be a whole number from 1 to 64'],
  ['SLICE_SECONDS', '1', 'is "1", and must be a whole number of seconds from 5 to 600'],
  ['DEAD_LINE_MS', '500', 'is "500", and must be 0, or 2000 to 60000 milliseconds'],
  ['DEAD_LINE_MS', '60001', 'from 0 to 60000'],
  ['SPOKEN_LOCALES', 'en-US,pt-BR', 'is "en-US,pt-BR", and must be one of en-US, en-GB'],
  ['DEFAULT_LOCALE', 'de', 'is "de", and must be one of en-US'],
  ['STRIPE_AUTOMATIC_TAX', 'yes', 'is "yes", and must be one of true, false'],
  ['OPENAI_MODEL', 'qwen3', 'is "qwen3", which nobody here has; set OPENAI_BASE_URL'],
  ['PREEMPTIVE_ANSWERS', 'on', 'is "on", and must be one of off, words, voice'],
  [
    'OPENAI_BASE_URL',
    'ftp://models.example',
    'is "ftp://models.example", and must be an address such as https://',
  ],
  ['PUBLIC_URL', 'mindbot.example', 'PUBLIC_URL: must be an address such as https://your-host'],
  ['PUBLIC_URL', 'https://mindbot.example/?lang=de', 'without ?, # or a password'],
  ['PUBLIC_URL', 'https://mindbot.example/#', 'without ?, # or a password'],
  ['PUBLIC_URL', 'https://me:hunter2@mindbot.example', 'without ?, # or a password'],
  ['ALLOWED_ORIGINS', 'https://*.example.com', 'must be addresses without a path or a *'],
  ['LOCAL_DATABASE_URL', 'localhost:5432', 'LOCAL_DATABASE_URL: must be an address such as postgres://'],
  ['JOB_MEMORY_LIMIT_MB', '1', 'must be a whole number of megabytes from 256 to 65536'],
  ['PROVIDER_PRICES', '{"a":{"micros_per_minute":"x"}}', 'wrong: a.micros_per_minute'],
])('%s=%s is told in plain words', (name, value, words) => {
  expect(said({ [name]: value })).toContain(`- ${name}: `);
  expect(said({ [name]: value })).toContain(words);
});

test.each([
  'abc',
  'postgresql://mindbot_jobs:hunter2@host:99999/postgres',
  'mysql://mindbot_jobs:hunter2@host/postgres',
  'postgresql://host/postgres',
  'postgresql://mindbot_jobs:hun ter2@host/postgres',
])('DATABASE_URL=%s is told in plain words, and never shown', (value) => {
  const real = { SUPABASE_URL: 'https://project.supabase.co', DATABASE_URL: value };
  expect(said(real)).toContain(
    'DATABASE_URL: must be an address such as postgresql://mindbot_jobs:password@',
  );
  expect(said(real)).not.toMatch(/hunter2|abc/);
});

/** What the checks of the library say when nobody has said anything better. */
const OWN_WORDS =
  /expected|received|invalid input|invalid option|invalid string|too (?:small|big)|>=|<=|NaN/i;

test.each([
  ['sidecar', sidecarVariables],
  ['agent', agentVariables],
] as const)('no variable of the %s is refused in the words of the library', (_name, schema) => {
  for (const name of Object.keys(schema.shape)) {
    for (const value of ['~', '-1', '1e99', '99999999999999999999', 'x y', '{', 'null', '\u0000']) {
      try {
        loadConfig(schema, { [name]: value });
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        const own = error.problems.filter((problem) => problem.startsWith(`${name}:`));
        expect(own.join('\n'), `${name}=${value}`).not.toMatch(OWN_WORDS);
      }
    }
  }
});

test('white space around a value is none of it, and nothing else counts as not set', () => {
  expect(said({ SIDECAR_PORT: ' 8003 ', LOG_LEVEL: ' ' })).toBe('');
});

test('a secret is never shown, wherever it was put', () => {
  const message = said({
    STRIPE_SECRET_KEY: 'hunter2',
    LIVEKIT_URL: 'wss://user:hunter2@host?x',
    SUPABASE_URL: 'hunter2',
    SMTP_URL: 'hunter2',
    ACTIVATION_CODE_KEY: 'hunter2',
  });
  expect(message).toContain('STRIPE_SECRET_KEY: must begin with');
  expect(message).not.toContain('hunter2');
});

const LIVE = {
  STRIPE_SECRET_KEY: 'sk_live_1',
  STRIPE_PUBLISHABLE_KEY: 'pk_live_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
};

test('live keys of Stripe are refused wherever it is not production, and so are two of different modes', () => {
  expect(said(LIVE)).toMatch(/STRIPE_SECRET_KEY: is a live key, with which real cards are charged/);
  expect(said({ ...LIVE, STRIPE_SECRET_KEY: 'rk_live_1' })).toContain('STRIPE_SECRET_KEY: is a live key');
  expect(said({ ...LIVE, STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_PUBLISHABLE_KEY: 'pk_test_1' })).toBe('');
  // The processes themselves, too: they can be started by hand.
  for (const ENVIRONMENT of ['', 'development', 'test']) {
    expect(() => loadConfig(sidecarVariables, { ...LIVE, ENVIRONMENT })).toThrow(/is a live key/);
  }
  const mixed = { ...LIVE, STRIPE_PUBLISHABLE_KEY: 'pk_test_1', ENVIRONMENT: 'production' };
  expect(() => loadConfig(sidecarVariables, mixed)).toThrow(
    /STRIPE_SECRET_KEY a live key; take both from one/,
  );
  expect(() => loadConfig(sidecarVariables, { ...LIVE, ENVIRONMENT: 'production' })).not.toThrow(
    /is a live key/,
  );
});

test('who answers on a bare machine is said before the first call, with the line that changes it', () => {
  const notes = (settings: Record<string, string>) =>
    planDevelopment({ settings, keys, ports: DEFAULT_PORTS, home: '/tmp/home', livekitBinary: null }).notes;
  expect(notes({})?.join('\n')).toMatch(
    /matcher of intents[\s\S]*OPENAI_BASE_URL=\S+ OPENAI_MODEL=\S+ \.\/launch\.sh dev/,
  );
  expect(notes({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' })).toEqual([]);
});
