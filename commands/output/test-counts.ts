import { z } from 'zod';

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

export type Counts = { passed: number; failed: number; skipped: number };

/**
 * Counts of a test run from vitest's JSON report. A file that could not be loaded has no failed test, and a run
 * that broke down may have neither: both count as a failure, so that the last line never hides one.
 * @param json undefined when the run wrote none
 * @param exitCode of the run
 */
export function countTests(json: string | undefined, exitCode: number): Counts {
  const parsed = json === undefined ? undefined : report.safeParse(JSON.parse(json));
  if (!parsed?.success) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}

/** The last line of a test run: `12 passed, 0 failed, 3 skipped`. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
