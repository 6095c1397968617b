import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { readState } from '../../commands/supervisor/state-file.ts';
import { patience } from '../support/patience.ts';
import { processesOf } from './support/processes.ts';
import { plainEnvironment, startCommand, startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const FAKE_DEV = fileURLToPath(new URL('./support/fake-dev.ts', import.meta.url));

const fakeDev = (home: string, extra: Record<string, string> = {}) =>
  startProgram(process.execPath, [FAKE_DEV], plainEnvironment({ MINDBOT_HOME: home, ...extra }));

/** Two services, and a child of each. */
const ALL = 4;

test('two starts at the same moment: one starts everything, the other prints the addresses and ends with 0', async () => {
  const home = temporaryFolder();
  const [a, b] = [fakeDev(home), fakeDev(home)];
  const joined = await Promise.race([a.ended, b.ended]);
  expect(joined).toMatchObject({ status: 0 });
  expect(joined.output).toContain('MindBot runs already.');
  expect(joined.output).toContain('http://127.0.0.1:1');
  expect(processesOf(home)).toHaveLength(ALL);

  await startCommand('stop', [], { MINDBOT_HOME: home }).ended;
  const [first, second] = await Promise.all([a.ended, b.ended]);
  expect([first.status, second.status]).toEqual([0, 0]);
  expect(processesOf(home)).toEqual([]);
});

test('stop from another terminal leaves no process, not even what a service had started', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  await dev.until(/MindBot is up/);
  expect(processesOf(home)).toHaveLength(ALL);
  const stop = await startCommand('stop', [], { MINDBOT_HOME: home }).ended;
  expect(stop).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing is left running') });
  expect(await dev.ended).toMatchObject({ status: 0 });
  expect(processesOf(home)).toEqual([]);
  expect(readState(home)).toBeUndefined();
});

test('Ctrl-C does the same', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  await dev.until(/MindBot is up/);
  process.kill(dev.pid, 'SIGINT');
  expect(await dev.ended).toMatchObject({ status: 0 });
  expect(processesOf(home)).toEqual([]);
});

test('Ctrl-C in the middle of the start stops what had been started', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  await dev.until(/Fake first/);
  process.kill(dev.pid, 'SIGINT');
  expect(await dev.ended).toMatchObject({ status: 0 });
  expect(processesOf(home)).toEqual([]);
});

test('a service starts only after those it needs', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  const output = await dev.until(/MindBot is up/);
  expect(output.indexOf('Fake first')).toBeLessThan(output.indexOf('Fake second'));
  process.kill(dev.pid, 'SIGTERM');
  await dev.ended;
});

test('a crashed service is started again, in a line, and its orphans are ended', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  await dev.until(/MindBot is up/);
  const first = readState(home)?.services.find(({ name }) => name === 'first');
  process.kill(first?.process.pid ?? 0, 'SIGKILL');
  const output = await dev.until(/Fake first is back/);
  expect(output).toMatch(/✗ Fake first ended with signal SIGKILL\. Starting it again in 1\.0 s/);
  expect(readState(home)?.services.find(({ name }) => name === 'first')).toMatchObject({ restarts: 1 });
  expect(processesOf(home)).toHaveLength(ALL);
  process.kill(dev.pid, 'SIGINT');
  await dev.ended;
});

test('a service that cannot start: its last words are shown, all is stopped, status 1', async () => {
  const home = temporaryFolder();
  const ended = await fakeDev(home, { FAKE_CRASH: 'yes' }).ended;
  expect(ended.status).toBe(1);
  expect(ended.output).toContain('Fake second ended with status 3 before it was ready.');
  expect(ended.output).toContain('the fake breaks down');
  expect(processesOf(home)).toEqual([]);
});

test('a supervisor killed with -9: its services notice, and the next start clears the rest', async () => {
  const home = temporaryFolder();
  const dev = fakeDev(home);
  await dev.until(/MindBot is up/);
  process.kill(dev.pid, 'SIGKILL');
  await dev.ended;
  const again = fakeDev(home);
  await again.until(/MindBot is up/);
  expect(processesOf(home)).toHaveLength(ALL);
  process.kill(again.pid, 'SIGKILL');
  await again.ended;
  const servicesGone = () => expect(processesOf(home).length).toBeLessThanOrEqual(2);
  await vi.waitFor(servicesGone, { timeout: patience(10_000) });

  const stop = await startCommand('stop', [], { MINDBOT_HOME: home }).ended;
  expect(stop).toMatchObject({ status: 0, stdout: expect.stringContaining('not running') });
  expect(processesOf(home)).toEqual([]);
});
