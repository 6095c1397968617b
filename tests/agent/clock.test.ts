import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a timer of Node's takes at most: whoever asks it for more is called back at once, and would ask again for ever. */
const LONGEST_MS = 2 ** 31 - 1;

it.each([
  ['a caller with 600 hours, until the first warning', (2_160_000 - 300) * 1000],
  ['just as long as a timer can be', LONGEST_MS],
  ['a millisecond more', LONGEST_MS + 1],
  ['two thousand hours', 7_200_000_000],
])('waits for as long as it was told: %s', (_, delayMs) => {
  const due = vi.fn();
  systemClock.after(delayMs, due);
  vi.advanceTimersByTime(delayMs - 1);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(due).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it('can be called off at any time', () => {
  const due = vi.fn();
  const cancel = systemClock.after(7_200_000_000, due);
  vi.advanceTimersByTime(LONGEST_MS + 1000);
  cancel();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(7_200_000_000);
  expect(due).not.toHaveBeenCalled();
});
