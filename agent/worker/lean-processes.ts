import { join } from 'node:path';

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
