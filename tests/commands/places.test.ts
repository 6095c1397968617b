import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { DEFAULT_PORTS } from '../../commands/configuration/choose-ports.ts';
import { chooseStandIns } from '../../commands/configuration/choose-stand-ins.ts';
import { completeSettings } from '../../commands/configuration/complete-settings.ts';
import { makeLocalKeys } from '../../commands/configuration/local-keys.ts';
import { plainEnvironment, startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const keys = makeLocalKeys();
const SETTINGS = completeSettings({
  settings: {},
  standIns: chooseStandIns({}),
  keys,
  ports: DEFAULT_PORTS,
  hasLocalMedia: true,
});

async function takenPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

const run = (file: string, settings: Record<string, string>) =>
  startProgram(process.execPath, [join(ROOT, file)], plainEnvironment({ ...SETTINGS, ...settings })).ended;

test.each([
  ['webhook-server/main.ts', { SIDECAR_HOST: '203.0.113.1', SIDECAR_PORT: '0' }, 'SIDECAR_HOST'],
  ['webhook-server/main.ts', { SIDECAR_HOST: 'nowhere.invalid', SIDECAR_PORT: '0' }, 'SIDECAR_HOST'],
  [
    'agent/main.ts',
    { STATUS_HOST: '203.0.113.1', HEALTH_CHECK_PORT: '0', PROMETHEUS_PORT: '0' },
    'STATUS_HOST',
  ],
])('%s with %j: a sentence and status 78, no stack', async (file, settings, name) => {
  const ended = await run(file, settings);
  expect(ended.status).toBe(78);
  expect(ended.stderr).toMatch(
    new RegExp(`^${name}: is ".+", which is no address of this machine; set 127`, 'm'),
  );
  expect(ended.output).not.toMatch(/^\s+at /m);
});

test.each([
  ['webhook-server/main.ts', 'SIDECAR_PORT'],
  ['agent/main.ts', 'HEALTH_CHECK_PORT'],
  ['agent/main.ts', 'PROMETHEUS_PORT'],
])('%s with a taken %s says so', async (file, name) => {
  const port = await takenPort();
  const free = { SIDECAR_PORT: '0', HEALTH_CHECK_PORT: '0', PROMETHEUS_PORT: '0' };
  const ended = await run(file, { ...free, [name]: port });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain(`${name}: ${port} is taken by another program on 127.0.0.1`);
  expect(ended.output).not.toMatch(/^\s+at /m);
});

test('a database of the developer’s own that cannot be used is told in words, without its password', async () => {
  const port = await takenPort();
  const started = (LOCAL_DATABASE_URL: string) =>
    run('local/database/main.ts', { LOCAL_DATABASE_URL, DATA_DIR: temporaryFolder(), SUPABASE_PORT: '0' });
  const [nobody, noHost] = await Promise.all([
    started('postgres://postgres:hunter2@127.0.0.1:9/mindbot'),
    started(`postgres://postgres:hunter2@nowhere.invalid:${port}/mindbot`),
  ]);
  for (const ended of [nobody, noHost]) {
    expect(ended.status).toBe(78);
    expect(ended.stderr).toContain('LOCAL_DATABASE_URL: the database at ');
    expect(ended.output).not.toMatch(/hunter2|^\s+at /m);
  }
});
