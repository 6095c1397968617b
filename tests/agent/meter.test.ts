import { expect, it } from 'vitest';
import { Meter, type StopReason } from '../../agent/call/meter.ts';
import { Timeline } from '../../agent/call/timeline.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeBilling } from './fake-billing.ts';
import { billedMs } from './fake-call.ts';

async function openMeter(ownedSeconds = 3600) {
  const clock = new FakeClock();
  const billing = new FakeBilling(clock, { ownedSeconds, sliceSeconds: 30 });
  const timeline = new Timeline(clock);
  const stops: StopReason[] = [];
  let failures = 0;
  let changes = 0;
  const meter = new Meter({
    billing,
    timeline,
    clock,
    sliceSeconds: 30,
    grant: await billing.open(),
    events: {
      changed: () => changes++,
      stop: (reason) => stops.push(reason),
      failed: () => failures++,
    },
  });
  return { clock, billing, timeline, meter, stops, failures: () => failures, changes: () => changes };
}

it('reports every half slice, with the cumulative use', async () => {
  const { clock, billing, meter } = await openMeter();
  meter.enter('talking');
  await clock.advance(61_000);
  expect(billing.reports).toEqual([15_000, 30_000, 45_000, 60_000]);
  expect(meter.grant.grantedSeconds).toBe(90);
  expect(meter.remainingSeconds()).toBe(3600 - 61);
});

it('keeps the lease alive while nothing is billed', async () => {
  const { clock, billing, meter } = await openMeter();
  await clock.advance(46_000);
  expect(billing.reports).toEqual([0, 0, 0]);
  expect(meter.usedMs()).toBe(0);
});

it('stops on the second when the last slice is used up', async () => {
  const { clock, meter, stops } = await openMeter(50);
  meter.enter('talking');
  await clock.advance(49_999);
  expect(stops).toEqual([]);
  await clock.advance(1);
  expect(stops).toEqual(['time_used_up']);
  expect(meter.usedMs()).toBe(50_000);
  expect(meter.remainingSeconds()).toBe(0);
});

it('does not use up what is granted while the line is down', async () => {
  const { clock, meter, stops } = await openMeter(20);
  meter.enter('talking');
  await clock.advance(19_000);
  meter.enter('line_down');
  await clock.advance(600_000);
  expect(stops).toEqual([]);
  meter.enter('talking');
  await clock.advance(1000);
  expect(stops).toEqual(['time_used_up']);
});

it('goes on while the database is away, until the grant ends', async () => {
  const { clock, billing, meter, stops, failures } = await openMeter();
  meter.enter('talking');
  await clock.advance(15_000);
  billing.mood = 'away';
  await clock.advance(29_999);
  expect(stops).toEqual([]);
  expect(failures()).toBeGreaterThan(3);
  await clock.advance(1);
  expect(stops).toEqual(['billing_unreachable']);
  expect(meter.usedMs()).toBe(45_000);
});

it('does not say that time is used up when the database is merely silent', async () => {
  const { clock, billing, meter, stops } = await openMeter();
  billing.delayMs = 60_000;
  meter.enter('talking');
  await clock.advance(30_000);
  expect(stops).toEqual(['billing_unreachable']);
});

it('recovers when the database comes back in time', async () => {
  const { clock, billing, meter, stops } = await openMeter();
  meter.enter('talking');
  billing.mood = 'away';
  await clock.advance(28_000);
  billing.mood = 'well';
  await clock.advance(60_000);
  expect(stops).toEqual([]);
  expect(meter.usedMs()).toBe(88_000);
});

it('lets an answer that comes after the stop change nothing', async () => {
  const { clock, billing, meter, stops } = await openMeter();
  billing.delayMs = 20_000;
  meter.enter('talking');
  await clock.advance(30_000);
  expect(stops).toHaveLength(1);
  clock.stall(2000);
  await clock.advance(10_000);
  expect(billing.granted).toBeGreaterThan(30);
  expect(meter.usedMs()).toBe(30_000);
  expect(stops).toHaveLength(1);
});

it('does not start again once it has stopped', async () => {
  const { clock, meter, stops, timeline } = await openMeter(10);
  meter.enter('talking');
  await clock.advance(10_000);
  timeline.enter('goodbye');
  meter.enter('line_down');
  meter.enter('talking');
  expect(timeline.phase).toBe('goodbye');
  expect(stops).toHaveLength(1);
});

it('gives free what a busy process failed to stop', async () => {
  const { clock, meter, stops, timeline } = await openMeter(30);
  meter.enter('talking');
  clock.stall(33_000);
  await clock.advance(0);
  expect(stops).toEqual(['time_used_up']);
  timeline.end();
  expect(meter.usedMs()).toBe(30_000);
  expect(billedMs(meter.windows())).toBe(30_000);
  expect(meter.windows().at(-1)).toEqual({
    reason: 'talking',
    billed: false,
    from_ms: 30_000,
    to_ms: 33_000,
  });
});

it('stops when another worker owns the call', async () => {
  const { clock, billing, meter, stops } = await openMeter();
  meter.enter('talking');
  billing.mood = 'fenced';
  await clock.advance(60_000);
  expect(stops).toEqual(['fenced']);
  expect(clock.pending).toBe(0);
});

it('asks once for several askers', async () => {
  const { clock, billing, meter } = await openMeter();
  billing.delayMs = 100;
  meter.enter('talking');
  await clock.advance(2000);
  const asking = Promise.all([meter.renew(), meter.renew(), meter.renew()]);
  await clock.advance(100);
  await asking;
  expect(billing.reports).toEqual([2000]);
});

it('is silent once closed, also with a renewal under way', async () => {
  const { clock, billing, meter, stops, changes } = await openMeter();
  billing.delayMs = 5000;
  meter.enter('talking');
  await clock.advance(16_000);
  const before = changes();
  meter.close();
  await clock.advance(120_000);
  expect(stops).toEqual([]);
  expect(changes()).toBe(before);
  expect(billing.reports).toHaveLength(1);
  await meter.renew();
  expect(billing.reports).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
