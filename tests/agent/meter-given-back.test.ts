import { expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { openMeter } from './driven-meter.ts';

it('does not bill after a resumption what it gave away at the stop', async () => {
  const { billing, clock, meter } = await openMeter(10);
  meter.enter('talking');
  clock.stall(14_000);
  await clock.advance(0);
  billing.ownedSeconds += 60;
  await clock.advance(1000);
  meter.enter('talking');
  await clock.advance(2000);
  expect(meter.usedMs()).toBe(12_000);
  expect(billedMs(meter.windows())).toBe(12_000);
});

it('restores what was talked since a provider failed, beside the counter that only grows', async () => {
  const { billing, clock, meter } = await openMeter();
  meter.enter('talking');
  await clock.advance(20_000);
  const sinceMs = clock.nowMs() - 8000;
  meter.restoreSince(sinceMs, 'provider_outage');
  meter.enter('provider_outage');
  await clock.advance(5000);
  meter.restoreSince(sinceMs, 'provider_outage');
  meter.enter('talking');
  await clock.advance(10_000);
  expect([meter.usedMs(), meter.restoredMs()]).toEqual([30_000, 8000]);
  expect(billing.reports.at(-1)).toBeLessThanOrEqual(30_000);
  expect(billing.restored.at(-1)).toBe(8000);
  expect(meter.windows().map(({ reason, from_ms, to_ms }) => [reason, to_ms - from_ms])).toEqual([
    ['talking', 12_000],
    ['provider_outage', 13_000],
    ['talking', 10_000],
  ]);
});

it('tells as used what is charged, and as left what can still be used, before and after the answer', async () => {
  const { billing, clock, meter, stops } = await openMeter(600);
  meter.enter('talking');
  await clock.advance(120_000);
  billing.delayMs = 500;
  meter.restoreSince(clock.nowMs() - 60_000, 'provider_outage');
  for (const passedMs of [0, 400, 200]) {
    await clock.advance(passedMs);
    const chargedSeconds = Math.floor(meter.chargedMs() / 1000);
    expect(meter.remainingSeconds()).toBe(600 - Math.ceil(meter.chargedMs() / 1000));
    expect(chargedSeconds).toBe(60 + Math.floor((meter.usedMs() - 120_000) / 1000));
  }
  billing.delayMs = 0;
  // The call goes on for all that is owned, and not until the counter says so.
  await clock.advance(600_000);
  expect(stops).toEqual(['time_used_up']);
  expect(meter.chargedMs()).toBe(600_000);
  expect(meter.remainingSeconds()).toBe(0);
});

it('counts what is given back once, whatever becomes of the answers', async () => {
  const { billing, clock, meter } = await openMeter(600);
  meter.enter('talking');
  await clock.advance(40_000);
  billing.mood = 'lost';
  meter.restoreSince(clock.nowMs() - 10_000, 'provider_outage');
  await clock.advance(0);
  expect(meter.remainingSeconds()).toBe(570);
  billing.mood = 'well';
  billing.returnMs = 5000;
  meter.report();
  billing.returnMs = 0;
  await clock.advance(1000);
  meter.report();
  await clock.advance(0);
  expect(meter.remainingSeconds()).toBe(569);
  await clock.advance(5000);
  expect(meter.remainingSeconds()).toBe(564);
});
