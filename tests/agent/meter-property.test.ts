import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Meter } from '../../agent/call/meter.ts';
import { Timeline } from '../../agent/call/timeline.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeBilling, type Mood } from './fake-billing.ts';
import { billedMs } from './fake-call.ts';

const SLICE_SECONDS = 30;

type Step =
  | { do: 'pass' | 'stall' | 'delay'; ms: number }
  | { do: 'enter'; phase: 'talking' | 'line_down' }
  | { do: 'mood'; mood: Mood }
  | { do: 'ask' }
  | { do: 'buy'; seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('delay' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      phase: fc.constantFrom('talking', 'line_down'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom<Mood>('well', 'well', 'away', 'lost', 'fenced'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'ask' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('buy' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
);

async function play(ownedSeconds: number, earlierMs: number, steps: readonly Step[]): Promise<void> {
  const clock = new FakeClock();
  const billing = new FakeBilling(clock, { ownedSeconds, sliceSeconds: SLICE_SECONDS });
  billing.earlierMs = earlierMs;
  billing.granted = Math.ceil(earlierMs / 1000);
  const timeline = new Timeline(clock);
  const { usedMs, ...grant } = await billing.open();
  timeline.carryOver(usedMs);
  let stops = 0;
  let reportsAtStop: number | undefined;
  const events = {
    changed() {},
    failed() {},
    stop() {
      stops++;
      timeline.enter('goodbye');
      reportsAtStop = billing.reports.length;
    },
  };
  const meter = new Meter({ billing, timeline, clock, sliceSeconds: SLICE_SECONDS, grant, events });
  let lastUsedMs = meter.usedMs();
  let stalledMs = 0;
  let freeTalkMs = 0;
  for (const step of steps) {
    if (step.do === 'pass') await clock.advance(step.ms);
    else if (step.do === 'stall') {
      clock.stall(step.ms);
      stalledMs += step.ms;
      await clock.advance(0);
    } else if (step.do === 'delay') billing.delayMs = step.ms;
    else if (step.do === 'enter') meter.enter(step.phase);
    else if (step.do === 'mood') billing.mood = step.mood;
    else if (step.do === 'buy') billing.ownedSeconds += step.seconds;
    else void meter.renew();

    const used = meter.usedMs();
    expect(used).toBeLessThanOrEqual(meter.grant.grantedSeconds * 1000);
    expect(meter.grant.grantedSeconds).toBeLessThanOrEqual(billing.granted);
    expect(used).toBeGreaterThanOrEqual(lastUsedMs);
    expect(billing.reports.every((report) => report <= used)).toBe(true);
    lastUsedMs = used;
    const windows = meter.windows();
    expect(billedMs(windows)).toBe(used);
    windows.forEach((window, index) => {
      expect(window.from_ms).toBe(windows[index - 1]?.to_ms ?? 0);
    });
    freeTalkMs = windows
      .filter(({ reason, billed }) => reason === 'talking' && !billed)
      .reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
    // Talking that is not billed comes from a busy process only, as long as the meter has not said stop.
    if (stops === 0) expect(freeTalkMs).toBe(0);
    if (stops > 0) break;
  }
  expect(freeTalkMs).toBeLessThanOrEqual(stalledMs);
  timeline.end();
  await clock.advance(300_000);
  expect(meter.usedMs()).toBe(lastUsedMs);
  expect(stops).toBeLessThanOrEqual(1);
  // One request may have been under way at the stop; none is made after it.
  if (reportsAtStop !== undefined) expect(billing.reports.length).toBeLessThanOrEqual(reportsAtStop + 1);
}

it('never bills more than was granted, and its windows explain every millisecond', async () => {
  const owned = fc.integer({ min: 1, max: 200 });
  const earlier = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000 }));
  await fc.assert(
    fc.asyncProperty(owned, earlier, fc.array(step, { maxLength: 60 }), (ownedSeconds, earlierMs, steps) =>
      play(ownedSeconds, Math.min(earlierMs, ownedSeconds * 1000), steps),
    ),
    { numRuns: 1000 },
  );
});
