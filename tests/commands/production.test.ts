import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readState } from '../../commands/supervisor/state-file.ts';
import { processesOf } from './support/processes.ts';
import { plainEnvironment, startCommand, startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const FAKE_START = fileURLToPath(new URL('./support/fake-start.ts', import.meta.url));

const fakeStart = (home: string) =>
  startProgram(process.execPath, [FAKE_START], plainEnvironment({ MINDBOT_HOME: home }));

test('a service that ends takes the other down: nothing is restarted silently, and the status is 1', async () => {
  const home = temporaryFolder();
  const start = fakeStart(home);
  await start.until(/all is up/);
  const [service] = readState(home)?.services ?? [];
  process.kill(service?.process.pid ?? 0, 'SIGKILL');
  const ended = await start.ended;
  expect(ended.status).toBe(1);
  expect(ended.stderr).toMatch(/✗ Fake \w+ ended with signal SIGKILL\. /);
  expect(ended.stderr).not.toContain('Starting it again');
  expect(processesOf(home)).toEqual([]);
  expect(readState(home)).toBeUndefined();
});

test('the output of the services passes through to standard output, ours does not mix with it', async () => {
  const home = temporaryFolder();
  const start = fakeStart(home);
  await start.until(/all is up/);
  expect(await startCommand('stop', [], { MINDBOT_HOME: home }).ended).toMatchObject({ status: 0 });
  const { status, stdout } = await start.ended;
  expect(status).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).ready),
  ).toEqual([true, true]);
  expect(processesOf(home)).toEqual([]);
});
