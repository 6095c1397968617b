import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseOptions, refuseOptions, wholeNumber } from './basics/parse-options.ts';
import { findProject } from './basics/project.ts';
import { lastLines, logFile, readFrom } from './supervisor/log-file.ts';

const LOOK_EVERY_MS = 300;

const { home } = findProject(process.env);

function logNames(): string[] {
  const folder = join(home, 'logs');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [])).sort();
}

function print(name: string, width: number, lines: readonly string[]): void {
  for (const line of lines) console.log(`${name.padEnd(width)} | ${line}`);
}

/** Prints what is added to the logs, until it is interrupted. Logs that appear later are followed too. */
async function follow(chosen: string | undefined): Promise<never> {
  const read = new Map(logNames().map((name) => [name, statSync(logFile(home, name)).size]));
  for (;;) {
    const names = logNames();
    const width = Math.max(...names.map((name) => name.length));
    for (const name of names.filter((candidate) => chosen === undefined || candidate === chosen)) {
      const file = logFile(home, name);
      const size = statSync(file).size;
      const from = read.get(name) ?? 0;
      // A smaller file is a new one: the old was put aside.
      const text = readFrom(file, size < from ? 0 : from).toString('utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      read.set(name, (size < from ? 0 : from) + Buffer.byteLength(whole));
      print(name, width, whole.split('\n').slice(0, -1));
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const { values, positionals } = parseOptions({
  allowPositionals: true,
  options: { follow: { type: 'boolean', short: 'f' }, lines: { type: 'string', short: 'n' } },
});
const [chosen, ...others] = positionals;
if (others.length > 0) refuseOptions('Name one log, or none for all.');
const otherwise = chosen === undefined ? 15 : 100;
const count = wholeNumber('--lines', values.lines, { otherwise, max: 100_000 });
const names = logNames();
if (chosen !== undefined && !names.includes(chosen)) {
  console.error(`There is no log of "${chosen}". There is: ${names.join(', ') || 'none yet'}.`);
  process.exit(1);
}
if (names.length === 0) console.log('No logs yet. Start MindBot with ./launch.sh dev');
const width = Math.max(0, ...names.map((name) => name.length));
for (const name of chosen === undefined ? names : [chosen])
  print(name, width, lastLines(logFile(home, name), count));
// `logs | head` closes the pipe.
process.stdout.on('error', () => process.exit(0));
if (values.follow) await follow(chosen);
