import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../shared/clock.ts';
import { within } from '../../shared/within.ts';
import { patience } from '../support/patience.ts';

/** Looks again and again; what it saw, or undefined when nothing came within the deadline. */
export async function eventually<Seen>(
  look: () => Promise<Seen | undefined | false>,
  deadlineMs: number,
  everyMs = 100,
): Promise<Seen | undefined> {
  for (const end = performance.now() + patience(deadlineMs); performance.now() < end; await sleep(everyMs)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
  }
  return undefined;
}

/** What a promise comes to, or undefined when it takes longer than that. */
export const atMost = <Result>(promise: Promise<Result>, deadlineMs: number): Promise<Result | undefined> =>
  within(promise, deadlineMs, systemClock);
