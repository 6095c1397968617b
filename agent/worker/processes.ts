import { join } from 'node:path';
import type { Logger } from 'pino';
import { Agent, setGlobalDispatcher } from 'undici';

/**
 * V8's default lets the young generation of each process grow to 64 MB and more, which a call fills with audio that is
 * dead at once. Collected more often it costs no more time, as little of it survives (docs/voice-bench.md).
 */
const YOUNG_GENERATION = '--max-semi-space-size=4';

/** Where only those write who may change the code itself: what is found there is run. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/mindbot');

/**
 * Settings for the processes that this one will start, one per call: less memory, and a start without stripping and
 * compiling the same code again (https://nodejs.org/api/module.html#module-compile-cache). What is set already holds.
 */
export function startLeanProcesses(env: NodeJS.ProcessEnv): void {
  const options = env.NODE_OPTIONS ?? '';
  if (!options.includes('semi-space-size')) env.NODE_OPTIONS = `${options} ${YOUNG_GENERATION}`.trim();
  env.NODE_COMPILE_CACHE ??= COMPILED;
}

/** Longer than people speak or think between two turns, shorter than the providers' own limits. */
const IDLE_MS = 60_000;

/**
 * Keeps connections of this process's `fetch` open between the turns of a call. Node's own limit is 4 s
 * (https://undici.nodejs.org/#/docs/api/Client, keepAliveTimeout): most turns would begin with a TLS handshake.
 */
export function keepConnections(): void {
  setGlobalDispatcher(new Agent({ keepAliveTimeout: IDLE_MS }));
}

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
