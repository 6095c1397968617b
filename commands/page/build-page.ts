import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, logFile } from '../supervisor/log-file.ts';

/** What goes into the page, from the project's root. */
const SOURCES = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/vite.config.ts',
  'shared/activation-codes',
  'shared/api',
  'shared/spoken',
  'shared/units.ts',
  'package-lock.json',
];

/** The time of the youngest file or folder below a path (a deletion changes only its folder), in ms; 0 for none. */
function newestChange(path: string): number {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

/** Whether the built page is missing, or older than anything it is made of. */
export function isPageStale(root: string): boolean {
  const built = join(root, 'web', 'dist', 'index.html');
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return SOURCES.some((source) => newestChange(join(root, source)) > builtAt);
}

/**
 * Builds the page into web/dist.
 * @param signal ends the build
 * @throws with the builder's last words when it cannot be built
 */
export async function buildPage(root: string, home: string, signal: AbortSignal): Promise<void> {
  const log = logFile(home, 'page');
  const output = openSync(log, 'w', 0o600);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', 'web'], {
    cwd: root,
    stdio: ['ignore', output, output],
    signal,
    // What tests set would give a development build of React.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  closeSync(output);
  const [code] = await once(child, 'exit');
  if (code === 0) return;
  throw new Error(['The page could not be built:', ...lastLines(log, 15)].join('\n'));
}
