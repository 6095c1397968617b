import { expect, it } from 'vitest';
import { fakeCall } from './fake-call.ts';

/** A call of 17 seconds that ends while the database does not answer, so many times. */
async function settling(failures: number) {
  const world = fakeCall();
  await world.run();
  await world.clock.advance(17_000);
  const { billing } = world;
  const settle = billing.settle.bind(billing);
  let tries = 0;
  billing.settle = async (...figures) => {
    tries++;
    if (tries <= failures) throw new Error('away');
    return settle(...figures);
  };
  void world.call.end('job_shutdown');
  return { ...world, tries: () => tries };
}

it('settles at the first try without waiting', async () => {
  const { clock, end, tries } = await settling(0);
  await clock.advance(0);
  expect(end()).toEqual({ reason: 'job_shutdown', usedMs: 17_000, chargedSeconds: 17 });
  expect(tries()).toBe(1);
});

it('tries five times in seven and a half seconds', async () => {
  const { billing, clock, end, tries } = await settling(4);
  await clock.advance(7499);
  expect(tries()).toBe(4);
  await clock.advance(1);
  expect(end()).toMatchObject({ chargedSeconds: 17 });
  expect(billing.settlements).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

it('leaves a call to the reaper that cannot be settled', async () => {
  const { clock, end, tries } = await settling(99);
  await clock.advance(60_000);
  expect(end()).toEqual({ reason: 'job_shutdown', usedMs: 17_000, chargedSeconds: undefined });
  expect(tries()).toBe(5);
  expect(clock.pending).toBe(0);
});
