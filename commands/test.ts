import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProject, makeHome } from './basics/project.ts';
import { note } from './basics/reporter.ts';
import { PRODUCT_NAMES } from './configuration/settings.ts';
import { prepareTools } from './prepare-tools.ts';
import { runVitest } from './run-vitest.ts';
import type { Counts } from './test-reporter.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

/** Tests bring their own services: a real key in the environment must neither be used nor decide a result. */
function withoutProductSettings(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(
    (name) => !PRODUCT_NAMES.has(name) && name !== 'MINDBOT_HOME',
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

const IN_MEMORY = '/dev/shm';
/** Its databases take less than 2 GB at a time; its processes need some, too. */
const ROOM_BYTES = 8e9;

/** Where a run writes: memory where there is plenty of it, as databases that are thrown away need no disk to wait for. */
function roomyFolder(): string {
  if (process.env.TMPDIR !== undefined) return tmpdir();
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return Math.min(bavail * bsize, freemem()) > ROOM_BYTES ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** What the reporter counted; a run that broke down before its end has no counts, and a failure. */
function readCounts(file: string, exitCode: number): Counts {
  let counts: Counts;
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return counts.failed === 0 && exitCode !== 0 ? { ...counts, failed: 1 } : counts;
}

const [isLong, args] = [
  process.argv.includes('--long'),
  process.argv.slice(2).filter((arg) => arg !== '--long'),
];
const { home } = findProject(process.env);
makeHome(home);
const tools = await prepareTools({ home, report: console.log, signal: interrupted.signal });
if (tools.LIVEKIT_SERVER_BINARY === 'none')
  console.log(note('Tests that need a LiveKit server are skipped.'));
if (tools.CHROMIUM_BINARY === undefined) console.log(note('Tests that need a browser are skipped.'));

// Everything that tests write lies in one folder, so that nothing stays of a run that is cut off.
const folder = mkdtempSync(join(roomyFolder(), 'mindbot-test-'));
const countsFile = join(folder, 'counts.json');
const env = {
  ...withoutProductSettings(),
  ...tools,
  ...(isLong ? { MINDBOT_LONG_TESTS: '1' } : undefined),
  MINDBOT_ENV_FILE: '/dev/null',
  MINDBOT_TEST_COUNTS: countsFile,
  TMPDIR: folder,
};
const exitCode = await runVitest(args, env, countsFile, interrupted.signal);
const { passed, failed, skipped } = readCounts(countsFile, exitCode);
// Thousands of files, which take Node a minute to remove.
execFileSync('rm', ['-rf', folder]);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = exitCode !== 0 || failed > 0 ? 1 : 0;
