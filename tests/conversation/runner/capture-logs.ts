import { initializeLogger } from '@livekit/agents';
import { vi } from 'vitest';

/** Lets the framework log everything it can, down to the arguments of tools, and keeps it instead of printing it. */
export function captureLogs() {
  const chunks: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    chunks.push(String(chunk));
    return true;
  });
  initializeLogger({ pretty: false, level: 'trace' });
  return {
    /** From now on: answers what was logged since. */
    since(): () => string {
      const from = chunks.length;
      return () => chunks.slice(from).join('');
    },
    stop() {
      stdout.mockRestore();
      initializeLogger({ pretty: false, level: 'fatal' });
    },
  };
}
