import { describe, expect, it } from 'vitest';
import type { Presence } from '../../agent/call/line.ts';
import { afterLook, lookRegularly } from '../../agent/call/look-for-caller.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('a look', () => {
  it.each<[Presence, boolean, Presence]>([
    ['awaited', true, 'present'],
    ['awaited', false, 'awaited'],
    ['present', true, 'present'],
    ['present', false, 'cut'],
    ['cut', true, 'present'],
    ['cut', false, 'cut'],
    ['unreachable', true, 'unreachable'],
    ['unreachable', false, 'unreachable'],
    ['left', true, 'left'],
    ['left', false, 'left'],
  ])('at somebody who is %s, found there: %s, makes them %s', (before, isThere, after) => {
    expect(afterLook(before, isThere)).toBe(after);
  });
});

function looking(everyMs = 10_000) {
  const clock = new FakeClock();
  const world = { presence: 'present' as Presence, isThere: true, isAway: false, delayMs: 0 };
  const seen = { looks: 0, failures: 0 };
  const stop = lookRegularly({
    clock,
    everyMs,
    presence: () => world.presence,
    found: (presence) => {
      world.presence = presence;
    },
    failed: () => seen.failures++,
    async look() {
      seen.looks++;
      const { isThere, isAway } = world;
      await new Promise<void>((arrive) => clock.after(world.delayMs, arrive));
      if (isAway) throw new Error('no answer');
      return isThere;
    },
  });
  return { clock, world, seen, stop };
}

describe('looking regularly', () => {
  it('notices a caller who is gone without an event, and one who is back', async () => {
    const { clock, world } = looking();
    world.isThere = false;
    await clock.advance(10_000);
    expect(world.presence).toBe('present');
    await clock.advance(1000);
    expect(world.presence).toBe('cut');
    world.isThere = true;
    await clock.advance(10_000);
    expect(world.presence).toBe('present');
  });

  it('leaves somebody who has just hung up to the event that says so', async () => {
    const { clock, world } = looking();
    world.isThere = false;
    await clock.advance(10_500);
    world.presence = 'left';
    await clock.advance(1000);
    expect(world.presence).toBe('left');
  });

  it('changes nothing when nobody answers, and looks again', async () => {
    const { clock, world, seen } = looking();
    Object.assign(world, { isAway: true, isThere: false });
    await clock.advance(35_000);
    expect(world.presence).toBe('present');
    expect(seen).toEqual({ looks: 3, failures: 3 });
    world.isAway = false;
    await clock.advance(11_000);
    expect(world.presence).toBe('cut');
  });

  it('believes an event that came while it looked', async () => {
    const { clock, world } = looking();
    world.presence = 'cut';
    world.delayMs = 2000;
    await clock.advance(11_000);
    world.presence = 'unreachable';
    await clock.advance(1000);
    expect(world.presence).toBe('unreachable');
  });

  it('does not look twice at once', async () => {
    const { clock, world, seen } = looking();
    world.delayMs = 60_000;
    await clock.advance(65_000);
    expect(seen.looks).toBe(1);
  });

  it('stops, also in the middle of a look, and with 0 never begins', async () => {
    const { clock, world, stop } = looking();
    world.delayMs = 2000;
    world.isThere = false;
    await clock.advance(11_000);
    stop();
    await clock.advance(60_000);
    expect(world.presence).toBe('present');
    expect(clock.pending).toBe(0);
    expect(looking(0).clock.pending).toBe(0);
  });
});
