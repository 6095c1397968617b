import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** A checkout whose tools and tests behave as told: lines of shell for each. */
function checkout(told: { biome?: string; test?: string; setup?: string }) {
  const root = temporaryFolder();
  const program = (file: string, lines: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(root, file), 0o755);
  };
  for (const tool of ['biome', 'tsc', 'knip', 'node'])
    program(`node_modules/.bin/${tool}`, `echo ${tool} ran`);
  if (told.biome) program('node_modules/.bin/biome', told.biome);
  program(
    'launch.sh',
    `if [ "$1" = setup ]; then ${told.setup ?? 'exit 0'}; fi\n${told.test ?? 'echo 5 passed, 0 failed'}`,
  );
  mkdirSync(join(root, '.ci'));
  copyFileSync(join(ROOT, '.ci', 'run'), join(root, '.ci', 'run'));
  // A browser of its own, so that nothing is ever installed by a test.
  program('bin/chromium', 'exit 0');
  const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
  return startProgram('bash', [join(root, '.ci', 'run')], env, '/').ended;
}

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

test('all checks run in order, and the last line is the counts', async () => {
  const { status, stdout } = await checkout({ test: 'echo noise; echo 5 passed, 0 failed, 2 skipped' });
  expect(status).toBe(0);
  expect(stdout.match(/^=== .*$/gm)).toEqual([
    '=== set-up',
    '=== biome',
    '=== types',
    '=== types of the page',
    '=== unused code (knip)',
    '=== floors',
    '=== tests',
  ]);
  expect(lastLine(stdout)).toBe('5 passed, 0 failed, 2 skipped');
});

test('a failed test is a failure', async () => {
  const { status, stdout } = await checkout({ test: 'echo 5 passed, 2 failed; exit 1' });
  expect([status, lastLine(stdout)]).toEqual([1, '5 passed, 2 failed']);
});

test('a failed check does not keep the others from running, and counts as a failure', async () => {
  const { status, stdout } = await checkout({ biome: 'echo wrong quotes; exit 1' });
  expect(stdout).toContain('tsc ran');
  expect(stdout).toContain('Failed checks, each counted as one failure: biome');
  expect([status, lastLine(stdout)]).toEqual([1, '5 passed, 1 failed']);
});

test.each([
  ['tests that end without counts', { test: 'echo killed' }],
  ['tests that count no failure and end with 1', { test: 'echo 0 passed, 0 failed; exit 1' }],
  ['a set-up that fails', { setup: 'exit 1' }],
])('%s: never a success', async (_name, told) => {
  const { status, stdout } = await checkout(told);
  expect([status, lastLine(stdout)]).toEqual([1, '0 passed, 1 failed']);
});
