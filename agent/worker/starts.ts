import type { Seat } from './seats.ts';

/** By then a caller must hear somebody, or be told that nobody answers: with the way to them, 10 s. */
export const ANSWER_WITHIN_MS = 8_000;

/** So many starts in a row that failed are no accident. */
const FAILURES = 3;

/** A failure says nothing about how it is so much later. */
const REMEMBERED_MS = 60_000;

/** How the starts of calls went that a worker took. */
export type Starts = Readonly<{ failedInARow: number; failedAtMs: number }>;

export const noStarts: Starts = { failedInARow: 0, failedAtMs: Number.NEGATIVE_INFINITY };

export const startFailed = ({ failedInARow }: Starts, nowMs: number): Starts => ({
  failedInARow: failedInARow + 1,
  failedAtMs: nowMs,
});

/** Whether calls that are taken do not get to their callers: being connected alone is no health. */
export function isStarved(
  { failedInARow, failedAtMs }: Starts,
  seats: readonly Seat[],
  nowMs: number,
): boolean {
  const isLate = ({ stage, sinceMs }: Seat) => stage === 'starting' && nowMs - sinceMs > ANSWER_WITHIN_MS;
  return seats.some(isLate) || (failedInARow >= FAILURES && nowMs - failedAtMs < REMEMBERED_MS);
}

/** What a machine must need to start a process is what it needed for this one, and much more when it is busy. */
const INITIALISED_WITHIN = { times: 20, leastMs: 30_000, mostMs: 180_000 };

/**
 * How long a process may take to be ready for a call, and how many starts can wait for one without a caller being told
 * that nobody answers.
 * @param startedInMs what the worker itself took to start
 */
export function startLimits(startedInMs: number, idleProcesses: number) {
  const { times, leastMs, mostMs } = INITIALISED_WITHIN;
  return {
    initialisedWithinMs: Math.round(Math.min(mostMs, Math.max(leastMs, startedInMs * times))),
    starting: Math.max(idleProcesses, 1) + Math.max(2, Math.floor(ANSWER_WITHIN_MS / startedInMs)),
  };
}
