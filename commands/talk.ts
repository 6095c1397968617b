import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { callConfig } from './call-config.ts';
import { readSettings } from './configuration/read-settings.ts';
import { findProject, ROOT } from './project.ts';
import { readLiveState } from './supervisor/state-file.ts';
import { chat } from './talk/chat.ts';
import { terminalPerson } from './talk/terminal-person.ts';

const project = findProject(process.env);

/** Runs another command of ours in this terminal. */
function command(name: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'commands', `${name}.ts`), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} ended with status ${status}.`);
}

async function main(): Promise<void> {
  const wasRunning = readLiveState(project.home) !== undefined;
  if (!wasRunning) command('dev', '--detach');
  try {
    const status = readLiveState(project.home)?.status;
    if (!status) throw new Error('The local services did not start: see ./launch.sh doctor.');
    const person = await terminalPerson(project.home, status);
    const config = callConfig(project.home, readSettings(project.envFile, process.env));
    console.log('\nType to talk; the time is billed while you are here. Ctrl-D or /quit hangs up.\n');
    await chat(config, person);
  } finally {
    if (!wasRunning) command('stop');
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
