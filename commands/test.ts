import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRODUCT_NAMES } from './configuration/service-environment.ts';
import { note } from './output/reporter.ts';
import { countsLine, countTests } from './output/test-counts.ts';
import { prepareTools } from './prepare-tools.ts';
import { findProject, makeHome, ROOT } from './project.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

/** Tests bring their own services: a real key in the environment must neither be used nor decide a result. */
function withoutProductSettings(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(
    (name) => !PRODUCT_NAMES.has(name) && name !== 'MINDBOT_HOME',
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

async function runVitest(folder: string, tools: Record<string, string>): Promise<number> {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(folder, 'report.json')}`,
  ];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...withoutProductSettings(), ...tools, MINDBOT_ENV_FILE: '/dev/null' },
  });
  interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const { home } = findProject(process.env);
makeHome(home);
const tools = await prepareTools({ home, report: console.log, signal: interrupted.signal });
if (tools.LIVEKIT_SERVER_BINARY === 'none')
  console.log(note('Tests that need a LiveKit server are skipped.'));
if (tools.CHROMIUM_BINARY === undefined) console.log(note('Tests that need a browser are skipped.'));

const folder = mkdtempSync(join(tmpdir(), 'mindbot-test-report-'));
const exitCode = await runVitest(folder, tools);
const report = join(folder, 'report.json');
const counts = countTests(existsSync(report) ? readFileSync(report, 'utf8') : undefined, exitCode);
rmSync(folder, { recursive: true, force: true });
console.log(countsLine(counts));
process.exitCode = exitCode !== 0 || counts.failed > 0 ? 1 : 0;
