import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startCommand } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const GOOD = "test('is well', () => { console.error('noise'); });";

/** Runs the test command on a folder of test files: name and text. */
function startTests(files: Record<string, string>, args: string[] = []) {
  const folder = temporaryFolder();
  const config = 'export default { test: { globals: true, include: ["*.test.ts"] } };';
  for (const [name, text] of Object.entries({ ...files, 'vitest.config.mjs': config }))
    writeFileSync(join(folder, name), text);
  const where = [`--root=${folder}`, `--config=${join(folder, 'vitest.config.mjs')}`];
  // No server is built for this.
  const env = { NO_COLOR: '1', LIVEKIT_SERVER_BINARY: 'none', MINDBOT_HOME: join(folder, 'home') };
  return startCommand('test', [...where, ...args], env);
}

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

test('a run that goes well: little output, with what was skipped and why, and the counts last', async () => {
  const { status, output, stdout } = await startTests({
    'good.test.ts': GOOD,
    'skipped.test.ts': `
      test('while it runs', (context) => context.skip('there is no browser'));
      describe.skipIf(true)('before', { meta: { skippedBecause: 'there is no server' } }, () => {
        test('one', () => {});
        test('another', () => {});
      });`,
  }).ended;
  expect(status).toBe(0);
  expect(stdout).toContain('Skipped 1 in skipped.test.ts: there is no browser');
  expect(stdout).toContain('Skipped 2 in skipped.test.ts: there is no server');
  expect(output).not.toContain('noise');
  expect(lastLine(stdout)).toBe('1 passed, 0 failed, 3 skipped');
});

describe('each alone is a failure of the run', () => {
  test.each([
    [
      'a failed test, whose output and stack are shown',
      "test('fails', () => { console.error('noise'); expect(1).toBe(2); });",
      /noise.*expected 1 to be 2.*bad\.test\.ts:1:/s,
    ],
    ['a file that cannot be loaded', "throw new Error('nothing loads');", /nothing loads/],
    [
      'a rejection that nobody handles',
      "test('seems well', async () => { void Promise.reject(new Error('lost')); await new Promise(setImmediate); });",
      /lost/,
    ],
    [
      'a worker that dies',
      "test('dies', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });",
      /SIGKILL/,
    ],
    [
      'an error after the tests',
      `afterAll(() => { throw new Error('not closed'); });\n${GOOD}`,
      /not closed/,
    ],
  ])('%s', async (_what, bad, said) => {
    const { status, output, stdout } = await startTests({ 'good.test.ts': GOOD, 'bad.test.ts': bad }).ended;
    expect(output).toMatch(said);
    expect([status, lastLine(stdout)]).toEqual([1, expect.stringMatching(/^[12] passed, 1 failed$/)]);
  });

  test('no test at all', async () => {
    const { status, stdout } = await startTests({}).ended;
    expect([status, lastLine(stdout)]).toEqual([1, '0 passed, 1 failed']);
  });

  test('a run that is interrupted', async () => {
    const waits = "test('waits', async () => { console.log('waiting'); await new Promise(() => {}); });";
    const running = startTests({ 'waits.test.ts': waits }, ['--silent=false', '--reporter=verbose']);
    await running.until(/waiting/);
    process.kill(running.pid, 'SIGTERM');
    const { status, stdout } = await running.ended;
    expect([status, lastLine(stdout)]).toEqual([1, '0 passed, 1 failed']);
  });
});

test('what a test leaves running ends with the run, and what it wrote is removed', async () => {
  const leaves = `
    import { spawn } from 'node:child_process';
    import { mkdtempSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    test('leaves', () => console.log('left', spawn('sleep', ['600']).pid, 'in', mkdtempSync(tmpdir() + '/left-')));`;
  const { stdout } = await startTests({ 'leaves.test.ts': leaves }, ['--silent=false', '--reporter=verbose'])
    .ended;
  const [, pid, folder] = stdout.match(/left (\d+) in (\S+)/) ?? [];
  expect(lastLine(stdout)).toBe('1 passed, 0 failed');
  // Ended: gone, or not yet buried by the first process of the machine.
  const state = () => spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  await expect.poll(state).toMatch(/^(Z.*)?$/);
  expect(existsSync(String(folder))).toBe(false);
});
