import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

const KEYS = { DEEPGRAM_API_KEY: 'dg', OPENAI_API_KEY: 'oa', SPEECH_STAND_IN_PORT: '0' };

describe('the process', () => {
  let child: ChildProcess;
  let stdout = '';
  let stderr = '';
  afterEach(() => child.kill('SIGKILL'));

  function start(environment: Record<string, string>): ChildProcess {
    stdout = '';
    stderr = '';
    child = spawn(process.execPath, ['local/speech/main.ts'], { env: environment });
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    return child;
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says when it is ready, and stops cleanly on %s',
    async (signal) => {
      start(KEYS);
      while (!stdout.includes('\n')) await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
      const ready = JSON.parse(stdout) as { ready: boolean; url: string };
      expect(ready.ready).toBe(true);
      expect((await fetch(`${ready.url}/health`)).status).toBe(200);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(stderr).toBe('');
    },
  );

  it('refuses to start in production', async () => {
    start({ ...KEYS, ENVIRONMENT: 'production' });
    expect((await once(child, 'exit'))[0]).toBe(78);
    expect(stderr).toContain('must not run in production');
  });

  it('refuses to start without keys', async () => {
    start({});
    expect((await once(child, 'exit'))[0]).toBe(78);
    expect(stderr).toContain('DEEPGRAM_API_KEY');
    expect(stderr).toContain('OPENAI_API_KEY');
  });
});
