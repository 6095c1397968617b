import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StopReason } from '../../agent/call/meter.ts';
import { isRunning } from '../../agent/call/timeline.ts';
import { billedMs, type Interruption } from '../../agent/call/windows.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { drivenMeter, SLICE_SECONDS } from './driven-meter.ts';
import { FakeBilling, type Mood } from './fake-billing.ts';

type Step =
  | { do: 'pass' | 'stall' | 'delay'; ms: number }
  | { do: 'enter'; phase: 'talking' | 'line_down' | 'our_outage' | 'provider_outage' | 'desk' }
  | { do: 'restore'; agoMs: number; reason: Interruption }
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
      phase: fc.constantFrom('talking', 'talking', 'line_down', 'our_outage', 'provider_outage', 'desk'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restore' as const),
      agoMs: fc.integer({ min: 0, max: 60_000 }),
      reason: fc.constantFrom<Interruption>('line_down', 'provider_outage'),
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
  let resumes = 0;
  let isFenced = false;
  const events = {
    changed() {},
    failed() {},
    resumed() {
      resumes++;
    },
    stop(reason: StopReason) {
      expect(isRunning(meter.timeline)).toBe(reason === 'fenced' && isRunning(meter.timeline));
      isFenced ||= reason === 'fenced';
    },
  };
  const meter = drivenMeter(clock, billing, await billing.open(), events);
  let last = [meter.usedMs(), meter.restoredMs()];
  let stalledMs = 0;
  const check = () => {
    const [used, restored] = [meter.usedMs(), meter.restoredMs()];
    expect(used).toBeLessThanOrEqual(meter.grant.grantedSeconds * 1000);
    expect(meter.grant.grantedSeconds).toBeLessThanOrEqual(billing.granted);
    expect(restored).toBeLessThanOrEqual(used);
    expect(used).toBeGreaterThanOrEqual(last[0] ?? 0);
    expect(restored).toBeGreaterThanOrEqual(last[1] ?? 0);
    expect(billing.reports.every((report) => report <= used)).toBe(true);
    expect(billing.restored.every((report) => report <= restored)).toBe(true);
    last = [used, restored];
    const windows = meter.windows();
    expect(billedMs(windows)).toBe(used - restored);
    windows.forEach((window, index) => {
      expect(window.from_ms).toBe(windows[index - 1]?.to_ms ?? 0);
      if (window.billed) expect(['talking', 'earlier']).toContain(window.reason);
    });
    // Talking that is not billed comes from a busy process, or was restored beyond what the grant had covered.
    const freeTalkMs = windows
      .filter(({ reason, billed }) => reason === 'talking' && !billed)
      .reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
    if (restored === 0 && !isFenced) expect(freeTalkMs).toBeLessThanOrEqual(stalledMs);
  };
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
    else if (step.do === 'restore') meter.restoreSince(clock.nowMs() - step.agoMs, step.reason);
    else void meter.renew();
    check();
  }
  if (isFenced) {
    const before = { sent: billing.sent, resumes };
    billing.mood = 'well';
    void meter.renew();
    await clock.advance(60_000);
    expect({ sent: billing.sent, resumes }).toEqual(before);
  }
  meter.close();
  meter.endTimeline();
  check();
  const { sent } = billing;
  const final = last;
  await clock.advance(300_000);
  check();
  expect(last).toEqual(final);
  expect(billing.sent).toBe(sent);
  expect(clock.pending).toBe(0);
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
