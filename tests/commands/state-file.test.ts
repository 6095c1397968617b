import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeRunLock } from '../../commands/supervisor/lock-file.ts';
import { identify, isAlive } from '../../commands/supervisor/process-identity.ts';
import { type RunState, readLiveState, readState, writeState } from '../../commands/supervisor/state-file.ts';
import { startCommand } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function homeFolder(): string {
  const home = temporaryFolder();
  mkdirSync(join(home, 'run'));
  return home;
}

const me = () => identify(process.pid) ?? { pid: 0, startTime: '' };

function stateOf(supervisor: RunState['supervisor'], phase: RunState['phase'] = 'running'): RunState {
  return {
    mode: 'development',
    phase,
    supervisor,
    startedAt: new Date().toISOString(),
    services: [],
    addresses: [{ label: 'Page', url: 'http://127.0.0.1:8003' }],
    status: {
      sidecar: { url: 'http://127.0.0.1:8003' },
      agent: { health_url: null },
      supabase: { url: 'http://127.0.0.1:54321', publishable_key: 'public', secret_key: 'local' },
      stripe: { api_url: 'https://api.stripe.com', secret_key: null, webhook_secret: null },
      mailbox: null,
      livekit: null,
    },
  };
}

test('a state whose process lives is live', () => {
  const home = homeFolder();
  const state = stateOf(me());
  writeState(home, state);
  expect(readLiveState(home)).toEqual(state);
  expect(statSync(join(home, 'run', 'state.json')).mode & 0o777).toBe(0o600);
});

test('a state is stale when its process is dead, and when its number was given to another', async () => {
  const home = homeFolder();
  const child = spawn('sleep', ['100']);
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  child.kill('SIGKILL');
  await once(child, 'exit');
  writeState(home, stateOf(identity));
  expect(readLiveState(home)).toBeUndefined();

  const reused = { pid: process.pid, startTime: identity.startTime };
  expect(isAlive(reused)).toBe(false);
  writeState(home, stateOf(reused));
  expect(readLiveState(home)).toBeUndefined();
});

test('a state that cannot be read counts as none', () => {
  const home = homeFolder();
  expect(readState(home)).toBeUndefined();
  writeFileSync(join(home, 'run', 'state.json'), '{"half":');
  expect(readState(home)).toBeUndefined();
});

test('the lock is given once, and again when it is released', () => {
  const home = homeFolder();
  const lock = takeRunLock(home);
  expect(lock).toBeDefined();
  expect(takeRunLock(home)).toBeUndefined();
  lock?.release();
  const again = takeRunLock(home);
  expect(again).toBeDefined();
  again?.release();
});

test('status --json prints exactly the document of what runs, and ends with 0', async () => {
  const home = homeFolder();
  writeState(home, stateOf(me()));
  const { status, stdout } = await startCommand('status', ['--json'], { MINDBOT_HOME: home }).ended;
  expect(JSON.parse(stdout)).toEqual(stateOf(me()).status);
  expect(status).toBe(0);
});

test('status --json says {"running": false} and ends with 1 while nothing runs, or not yet', async () => {
  const home = homeFolder();
  const empty = await startCommand('status', ['--json'], { MINDBOT_HOME: home }).ended;
  expect([empty.status, JSON.parse(empty.stdout)]).toEqual([1, { running: false }]);
  writeState(home, stateOf(me(), 'starting'));
  const starting = await startCommand('status', ['--json'], { MINDBOT_HOME: home }).ended;
  expect([starting.status, JSON.parse(starting.stdout)]).toEqual([1, { running: false }]);
});
