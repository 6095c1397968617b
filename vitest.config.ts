import { configDefaults, defineConfig } from 'vitest/config';
import { IS_LONG_RUN } from './tests/support/long-run.ts';
import { measureSlowness, patience } from './tests/support/patience.ts';

// Workers inherit it: what this machine is like is measured once.
process.env.MINDBOT_TEST_SLOWNESS ??= String(measureSlowness());

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(IS_LONG_RUN ? [] : ['**/*.long.test.ts'])],
    globalSetup: ['tests/support/postgres.ts'],
    // Nothing that goes well comes near these: they end what hangs.
    testTimeout: patience(120_000),
    hookTimeout: patience(120_000),
    expect: { poll: { timeout: patience(10_000), interval: 20 } },
    silent: 'passed-only',
    // Two cores: more files at once only make real-time audio late.
    maxWorkers: 2,
    // Rows of the fault matrix: more of them at once starve each other, and time runs ten times as fast there.
    maxConcurrency: 3,
  },
});
