import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProject, makeHome, ROOT } from './basics/project.ts';
import { note } from './basics/reporter.ts';
import { PRODUCT_NAMES } from './configuration/settings.ts';
import { prepareTools } from './prepare-tools.ts';
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

/** @returns vitest's exit code; 1 when it was killed */
function runVitest(args: readonly string[], env: Record<string, string>): Promise<number> {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporter = `--reporter=${join(ROOT, 'commands', 'test-reporter.ts')}`;
  const child = spawn(process.execPath, [vitest, 'run', reporter, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...withoutProductSettings(), ...env, MINDBOT_ENV_FILE: '/dev/null' },
  });
  interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
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

const folder = mkdtempSync(join(tmpdir(), 'mindbot-test-report-'));
const countsFile = join(folder, 'counts.json');
const long = isLong ? { MINDBOT_LONG_TESTS: '1' } : undefined;
const exitCode = await runVitest(args, { ...tools, ...long, MINDBOT_TEST_COUNTS: countsFile });
const { passed, failed, skipped } = readCounts(countsFile, exitCode);
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = exitCode !== 0 || failed > 0 ? 1 : 0;
