import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { PRODUCT_NAMES } from '../../commands/configuration/settings.ts';
import { isPageStale } from '../../commands/page/build-page.ts';
import { lastLines } from '../../commands/supervisor/log-file.ts';
import { backoffMs } from '../../commands/supervisor/supervisor.ts';
import { makePage } from './support/make-page.ts';
import { startCommand } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const SECRETS = {
  STRIPE_SECRET_KEY: 'sk_test_SECRETstripe',
  OPENAI_API_KEY: 'SECRETopenai',
  DEEPGRAM_API_KEY: 'SECRETdeepgram',
  SUPABASE_SERVICE_ROLE_KEY: 'SECRETsupabase-service-role',
  LIVEKIT_API_SECRET: 'SECRETlivekit',
};

/** Answers every request with one status, as a service does that refuses a key. */
async function serviceAnswering(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('start tells every missing variable of both processes at once, starts nothing, and ends with 78', async () => {
  const home = temporaryFolder();
  const ended = await startCommand('start', [], { MINDBOT_HOME: home, ...SECRETS }).ended;
  expect(ended.status).toBe(78);
  for (const name of ['SUPABASE_URL', 'STRIPE_WEBHOOK_SECRET', 'LIVEKIT_URL', 'ACTIVATION_CODE_KEY']) {
    expect(ended.stderr).toContain(`${name}: is`);
  }
  expect(ended.output).not.toMatch(/SECRET[a-z]/);
  expect(ended.output.match(/LIVEKIT_URL/g)).toHaveLength(1);
});

test('doctor names each problem, prints no key, and ends with 1', async () => {
  const home = temporaryFolder();
  const url = await serviceAnswering(401);
  const file = join(home, '.env');
  const settings = {
    ...SECRETS,
    SUPABASE_URL: url,
    STRIPE_API_URL: url,
    OPENAI_BASE_URL: url,
    DEEPGRAM_BASE_URL: url,
    LIVEKIT_URL: url.replace('http', 'ws'),
    LIVEKIT_API_KEY: 'SECRETlivekit-key',
    STRIPE_PUBLISHABLE_KEY: 'not a key',
    STRIPE_SECERT: 'SECRETtypo',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  const ended = await startCommand('doctor', [], { MINDBOT_HOME: home, MINDBOT_ENV_FILE: file }).ended;
  expect(ended.status).toBe(1);
  for (const name of ['Supabase', 'Stripe', 'OpenAI', 'Deepgram', 'LiveKit']) {
    expect(ended.stdout).toMatch(new RegExp(`✗ ${name} refuses the key`));
  }
  expect(ended.stdout).toContain('✗ STRIPE_PUBLISHABLE_KEY: must begin with pk_live_ or pk_test_');
  expect(ended.stdout).toContain('· STRIPE_SECERT in .env is not a variable of MindBot');
  expect(ended.output).not.toMatch(/SECRET[a-z]/);
});

test('doctor is content with a machine that has no key', async () => {
  const home = temporaryFolder();
  const ended = await startCommand('doctor', [], { MINDBOT_HOME: home }).ended;
  expect(ended.stdout).toContain('The configuration is complete for development');
  expect(ended.stdout).toContain('A stand-in is used for payments');
  expect(ended.stdout).not.toContain('Real services');
});

test.each([
  ['none', '· LIVEKIT_SERVER_BINARY=none: no calls in the browser', 0],
  ['/no/livekit-server', '✗ LIVEKIT_SERVER_BINARY names no program that can be run: /no/livekit-server', 1],
])('doctor says what LIVEKIT_SERVER_BINARY=%s means here', async (binary, words, status) => {
  const env = { MINDBOT_HOME: temporaryFolder(), LIVEKIT_SERVER_BINARY: binary };
  const ended = await startCommand('doctor', [], env).ended;
  expect(ended.stdout).toContain(words);
  expect(ended.stdout).not.toContain('on the first start');
  expect(ended.status).toBe(status);
});

test('an unknown option is a sentence and status 64, not a stack', async () => {
  const ended = await startCommand('status', ['--jsno'], { MINDBOT_HOME: temporaryFolder() }).ended;
  expect(ended.status).toBe(64);
  expect(ended.output).not.toContain('    at ');
});

test.each([
  ['doctor', '--jsno'],
  ['stop', 'now'],
  ['start', '--detach'],
  ['setup', '--x'],
  ['talk', '--x'],
  ['demo', '--x'],
  ['dev', '--x'],
  ['status', 'x'],
])('%s %s does nothing but say that it does not know that', async (command, argument) => {
  const home = join(temporaryFolder(), 'none');
  const ended = await startCommand(command, [argument], { MINDBOT_HOME: home }).ended;
  expect(ended).toMatchObject({ status: 64, stdout: '' });
  expect(ended.output).not.toContain('    at ');
  expect(existsSync(home)).toBe(false);
});

test.each([
  ['logs', ['-n', 'abc'], '--lines is "abc", and must be a whole number from 1 to 100000.'],
  ['logs', ['--lines=-3'], '--lines is "-3", and must be'],
  ['logs', ['-n', '0'], '--lines is "0", and must be'],
  ['logs', ['agent', 'sidecar'], 'Name one log'],
  ['reconcile', ['--days', 'soon'], '--days is "soon", and must be a whole number from 1 to 3650.'],
])('%s %j is told in plain words, with status 64', async (command, args, words) => {
  const ended = await startCommand(command, args, { MINDBOT_HOME: temporaryFolder() }).ended;
  expect(ended).toMatchObject({ status: 64, stderr: expect.stringContaining(words) });
});

test('stop, status and logs are at ease where nothing has ever run', async () => {
  const MINDBOT_HOME = join(temporaryFolder(), 'none');
  expect(await startCommand('stop', [], { MINDBOT_HOME }).ended).toMatchObject({ status: 0 });
  expect(await startCommand('status', [], { MINDBOT_HOME }).ended).toMatchObject({ status: 1 });
  expect(await startCommand('logs', [], { MINDBOT_HOME }).ended).toMatchObject({ status: 0 });
  expect(await startCommand('logs', ['agent'], { MINDBOT_HOME }).ended).toMatchObject({ status: 1 });
});

test('every variable of the product is explained in .env.example, and nothing else is', () => {
  const explained = parseEnv(readFileSync(join(ROOT, '.env.example'), 'utf8'));
  const known = new Set([...PRODUCT_NAMES, 'LIVEKIT_SERVER_BINARY', 'CHROMIUM_BINARY']);
  // `dev` itself says where its mailbox is.
  known.delete('MAILBOX_URL');
  expect(Object.keys(explained).sort()).toEqual([...known].sort());
  expect(Object.values(explained).filter((value) => value !== '')).toEqual([]);
});

test('the page is built when it is missing, or older than any of its sources', () => {
  const root = temporaryFolder();
  expect(isPageStale(root)).toBe(true);
  const touch = makePage(root);
  expect(isPageStale(root)).toBe(false);
  touch('web/src/deep/part.tsx');
  expect(isPageStale(root)).toBe(true);
});

test('a service that keeps crashing is started at ever longer intervals, up to half a minute', () => {
  expect([1, 2, 3, 5, 6, 50].map(backoffMs)).toEqual([1000, 2000, 4000, 16_000, 30_000, 30_000]);
});

test('what a start says of a service that ended is of this run', () => {
  const log = join(temporaryFolder(), 'sidecar.log');
  const earlier = 'a line of yesterday\n';
  writeFileSync(log, `${earlier}why it ended\n`);
  expect(lastLines(log, 15, earlier.length)).toEqual(['why it ended']);
  expect(lastLines(log, 15)).toEqual(['a line of yesterday', 'why it ended']);
});
