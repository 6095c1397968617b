import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make real-time audio late.
    maxWorkers: 2,
    // Rows of the fault matrix: more of them at once starve each other, and time runs ten times as fast there.
    maxConcurrency: 3,
  },
});
