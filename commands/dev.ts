import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseOptions } from './basics/parse-options.ts';
import { findProject, makeHome } from './basics/project.ts';
import { development } from './development.ts';
import { logFile } from './supervisor/log-file.ts';

const project = findProject(process.env);
// `dev --detach | head` closes the pipe, and a terminal may be closed while we run.
process.stdout.on('error', () => {});

type Message = { line: string } | { up: true };

/** Inside the process that stays in the background: lines go to whoever started it, until everything is up. */
function background(): Promise<number> {
  const send = (message: Message) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  return development({
    project,
    show: (line) => send({ line }),
    onUp() {
      send({ up: true });
      process.channel?.unref();
    },
  });
}

/** Starts the process that stays, shows its progress, and returns when everything is up. */
function detach(): Promise<number> {
  makeHome(project.home);
  const log = openSync(logFile(project.home, 'supervisor'), 'a', 0o600);
  const child = fork(fileURLToPath(import.meta.url), ['--background'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // Its last lines may arrive after its end: the channel closes when all have.
    Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
      ([[code]]) => resolve(code ?? 1),
      reject,
    );
    child.on('message', (message: Message) => {
      if ('line' in message) console.log(message.line);
      else resolve(0);
    });
  });
}

const { values } = parseOptions({
  options: { detach: { type: 'boolean', short: 'd' }, background: { type: 'boolean' } },
});
const run = values.background
  ? background
  : values.detach
    ? detach
    : () => development({ project, show: console.log });
try {
  process.exit(await run());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
