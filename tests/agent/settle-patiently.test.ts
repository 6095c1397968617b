import { expect, it } from 'vitest';
import { settlePatiently } from '../../agent/call/settle-patiently.ts';
import { createLogger } from '../../shared/logging.ts';
import { within } from '../../shared/within.ts';
import { FakeClock } from '../support/fake-clock.ts';

const logger = createLogger('call', 'silent');

function settling(failures: number) {
  const clock = new FakeClock();
  let tries = 0;
  const answer: { charged?: number | undefined; done: boolean } = { done: false };
  const settle = async () => {
    tries++;
    if (tries <= failures) throw new Error('away');
    return 17;
  };
  void settlePatiently(settle, clock, logger).then((charged) =>
    Object.assign(answer, { charged, done: true }),
  );
  return { clock, answer, tries: () => tries };
}

it('settles at the first try without waiting', async () => {
  const { clock, answer, tries } = settling(0);
  await clock.advance(0);
  expect(answer).toEqual({ charged: 17, done: true });
  expect(tries()).toBe(1);
});

it('tries five times in seven and a half seconds', async () => {
  const { clock, answer, tries } = settling(4);
  await clock.advance(7499);
  expect(tries()).toBe(4);
  await clock.advance(1);
  expect(answer).toEqual({ charged: 17, done: true });
});

it('leaves a call to the reaper that cannot be settled', async () => {
  const { clock, answer, tries } = settling(99);
  await clock.advance(60_000);
  expect(answer).toEqual({ charged: undefined, done: true });
  expect(tries()).toBe(5);
  expect(clock.pending).toBe(0);
});

it('within() answers what comes in time, gives up on what does not, and leaves no timer', async () => {
  const clock = new FakeClock();
  expect(await within(Promise.resolve('early'), 100, clock)).toBe('early');
  await expect(within(Promise.reject(new Error('broken')), 100, clock)).rejects.toThrow('broken');
  expect(clock.pending).toBe(0);
  const late = within(new Promise<string>(() => {}), 100, clock);
  await clock.advance(100);
  expect(await late).toBeUndefined();
});
