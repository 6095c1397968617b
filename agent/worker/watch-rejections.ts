import type { Logger } from 'pino';

/** Where an error was made: its kind and its frames. Its message may hold what somebody said. */
function originOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { kind: error.name, frames: frames.slice(0, 8).map((frame) => frame.trim()) };
}

/**
 * Tells of promises that failed and that nobody looked at. The framework keeps the process alive over them and is
 * silent about it; each is a mistake of ours or of a library, and is counted.
 */
export function watchRejections(logger: Logger, count: () => void): void {
  process.on('unhandledRejection', (error) => {
    logger.error(originOf(error), 'a failure that nobody handles');
    count();
  });
}
