import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function program(file: string, lines: string): void {
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
}

/** A clone with a package manager that notes each install and takes a second for it. */
function fakeClone(nodeVersion = 'v20.1.0') {
  const folder = temporaryFolder();
  const root = join(folder, 'a clone');
  const bin = join(folder, 'bin');
  mkdirSync(root);
  mkdirSync(bin);
  copyFileSync(join(ROOT, 'launch.sh'), join(root, 'launch.sh'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  program(join(bin, 'node'), `echo ${nodeVersion}`);
  program(
    join(bin, 'npm'),
    `echo install >>"${folder}/installs"; sleep 1; mkdir -p node_modules/.bin
     printf '#!/bin/sh\\necho ran "$@"\\n' >node_modules/.bin/node; chmod +x node_modules/.bin/node`,
  );
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder };
  return {
    folder,
    root,
    bin,
    launch: (...args: string[]) =>
      startProgram('bash', [join(root, 'launch.sh'), ...args], env, tmpdir()).ended,
    installs: () => readFileSync(join(folder, 'installs'), 'utf8').trim().split('\n').length,
  };
}

test('an unknown command prints the usage and ends with 64; help ends with 0; neither installs', async () => {
  const { launch, installs } = fakeClone();
  const unknown = await launch('dance');
  expect(unknown).toMatchObject({ status: 64, stdout: '' });
  expect(unknown.stderr).toContain('Unknown command: dance');
  expect(unknown.stderr).toContain('Usage: ./launch.sh <command>');
  expect(await launch('help')).toMatchObject({ status: 0, stderr: '' });
  expect(await launch()).toMatchObject({ status: 0 });
  expect(installs).toThrow();
});

test('installs once, from any folder, and hands the arguments over', async () => {
  const { launch, installs, root } = fakeClone();
  const first = await launch('status', '--json');
  expect(first).toMatchObject({ status: 0, stdout: `ran ${root}/commands/status.ts --json\n` });
  expect(first.stderr).toContain('Packages installed');
  expect(await launch('status')).toMatchObject({ stderr: '' });
  expect(installs()).toBe(1);
});

test('installs again when the lockfile has changed', async () => {
  const { launch, installs, root } = fakeClone();
  await launch('status');
  writeFileSync(join(root, 'package-lock.json'), '{"changed":true}');
  await launch('status');
  expect(installs()).toBe(2);
});

test('three at the same moment install once', async () => {
  const { launch, installs } = fakeClone();
  const ended = await Promise.all([launch('status'), launch('stop'), launch('logs')]);
  expect(ended.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(installs()).toBe(1);
});

test('a lock that a killed install has left is broken', async () => {
  const { launch, installs, root } = fakeClone();
  mkdirSync(join(root, '.mindbot'));
  symlinkSync('999999999', join(root, '.mindbot', 'install.lock'));
  expect(await launch('status')).toMatchObject({ status: 0 });
  expect(installs()).toBe(1);
});

test('works through a symlink', async () => {
  const { folder, root, bin } = fakeClone();
  const link = join(folder, 'mindbot');
  symlinkSync(join(root, 'launch.sh'), link);
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder };
  const ended = await startProgram('bash', [link, 'status'], env, '/').ended;
  expect(ended.stdout).toBe(`ran ${root}/commands/status.ts\n`);
});

test('a failed install shows the last words of npm and where the log is', async () => {
  const { launch, bin, root } = fakeClone();
  program(join(bin, 'npm'), 'echo the registry is away >&2; exit 7');
  const ended = await launch('dev');
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('the registry is away');
  expect(ended.stderr).toContain(`${root}/.mindbot/install.log`);
  expect((await launch('dev')).status).toBe(1);
});

test('says what is missing when Node is too old', async () => {
  const { launch } = fakeClone('v18.2.0');
  const ended = await launch('dev');
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('v18.2.0 is too old');
});
