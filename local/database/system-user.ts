import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run a program of PostgreSQL, which refuses to run as root. */
export type Runner = {
  command(program: string, args: readonly string[]): [string, string[]];
  own(path: string): void;
};

const SYSTEM_USER = 'postgres';

/** True when every parent of the path may be entered by everybody. */
function isReachableByOthers(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function userId(flag: '-u' | '-g'): number | undefined {
  try {
    return Number(execFileSync('id', [flag, SYSTEM_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}

/**
 * As an ordinary user PostgreSQL runs as that user. As root it runs as the system user `postgres`
 * (made when missing). In a folder that only root may enter, that user gets the one capability it
 * needs to reach its files, so that all data stays in the project's own folder.
 */
export function databaseRunner(paths: readonly string[]): Runner {
  if (process.getuid?.() !== 0) {
    return { command: (program, args) => [program, [...args]], own: () => {} };
  }
  if (userId('-u') === undefined) {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER]);
  }
  const uid = userId('-u') ?? -1;
  const gid = userId('-g') ?? -1;
  const capabilities = paths.every(isReachableByOthers)
    ? []
    : // The last is for access(2), by which initdb looks for its programs: it ignores capabilities otherwise.
      ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return {
    command: (program, args) => [
      'setpriv',
      [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities, '--', program, ...args],
    ],
    own: (path) => chownSync(path, uid, gid),
  };
}
