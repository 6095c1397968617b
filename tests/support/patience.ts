import { createHash } from 'node:crypto';

/** What `measureSlowness` takes on a quiet core of a machine on which the limits of the tests are generous. */
const QUIET_MS = 100;
const ROUNDS = 160;
const SLOWEST = 10;

/** How much slower this machine is now than a quiet one that runs the tests easily: between 1 and 10. */
export function measureSlowness(): number {
  const block = Buffer.alloc(1 << 20);
  const before = performance.now();
  for (let round = 0; round < ROUNDS; round++) createHash('sha256').update(block).digest();
  return Math.min(SLOWEST, Math.max(1, (performance.now() - before) / QUIET_MS));
}

/**
 * A time limit as long as this machine needs it. Nothing waits that long that goes well: limits are only for what
 * hangs, so they are generous.
 * @param ms on a quiet machine
 */
export const patience = (ms: number): number =>
  Math.ceil(ms * Number(process.env.MINDBOT_TEST_SLOWNESS ?? 1));
