import { expect, it } from 'vitest';
import { within } from '../../shared/within.ts';
import { FakeClock } from '../support/fake-clock.ts';

it('within() answers what comes in time, gives up on what does not, and leaves no timer', async () => {
  const clock = new FakeClock();
  expect(await within(Promise.resolve('early'), 100, clock)).toBe('early');
  await expect(within(Promise.reject(new Error('broken')), 100, clock)).rejects.toThrow('broken');
  expect(clock.pending).toBe(0);
  const late = within(new Promise<string>(() => {}), 100, clock);
  await clock.advance(100);
  expect(await late).toBeUndefined();
});
