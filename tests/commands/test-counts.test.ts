import { expect, test } from 'vitest';
import { countsLine, countTests } from '../../commands/output/test-counts.ts';

const report = (numbers: object, testResults: object[] = []) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults,
    ...numbers,
  });

test('the counts of a run', () => {
  const counts = countTests(report({ numPassedTests: 12, numPendingTests: 2, numTodoTests: 1 }), 0);
  expect(countsLine(counts)).toBe('12 passed, 0 failed, 3 skipped');
  expect(countsLine(countTests(report({ numPassedTests: 12 }), 0))).toBe('12 passed, 0 failed');
});

test('a file that could not be loaded is a failure', () => {
  const broken = { status: 'failed', assertionResults: [] };
  const whole = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  const counts = countTests(report({ numPassedTests: 3, numFailedTests: 1 }, [broken, whole]), 1);
  expect(countsLine(counts)).toBe('3 passed, 2 failed');
});

test('a run that broke down never looks like a success', () => {
  expect(countTests(undefined, 0).failed).toBe(1);
  expect(countTests('{}', 0).failed).toBe(1);
  expect(countTests(report({ numPassedTests: 5 }), 1)).toMatchObject({ passed: 5, failed: 1 });
});
