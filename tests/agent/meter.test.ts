import { expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { openMeter } from './driven-meter.ts';

it('reports soon after the first word, and then every half slice, with the cumulative use', async () => {
  const { clock, billing, meter } = await openMeter();
  meter.enter('talking');
  await clock.advance(61_000);
  expect(billing.reports).toEqual([2000, 17_000, 32_000, 47_000]);
  expect(meter.grant.grantedSeconds).toBe(77);
  expect(meter.remainingSeconds()).toBe(3600 - 61);
});

it('reports also while the phase changes all the time', async () => {
  const { clock, billing, meter } = await openMeter();
  for (let change = 0; change < 12; change++) {
    meter.enter(change % 2 === 0 ? 'talking' : 'line_down');
    await clock.advance(5000);
  }
  expect(billing.reports).toEqual([2000, 10_000, 17_000, 25_000]);
});

it('reports soon after the first word, also when that comes late and the line is cut again', async () => {
  const { clock, billing, meter } = await openMeter();
  await clock.advance(20_000);
  expect(billing.reports).toEqual([0]);
  meter.enter('talking');
  await clock.advance(1500);
  meter.enter('line_down');
  await clock.advance(500);
  expect(billing.reports).toEqual([0, 1500]);
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
  await clock.advance(17_000);
  billing.mood = 'away';
  await clock.advance(29_999);
  expect(stops).toEqual([]);
  expect(failures()).toBeGreaterThan(3);
  await clock.advance(1);
  expect(stops).toEqual(['billing_unreachable']);
  expect(meter.usedMs()).toBe(47_000);
});

it('does not say that time is used up when the database is merely silent', async () => {
  const { clock, billing, meter, stops } = await openMeter();
  billing.delayMs = 60_000;
  meter.enter('talking');
  await clock.advance(30_000);
  expect(stops).toEqual(['billing_unreachable']);
});

it('does not say so either when the last slice was reported and nobody answered: time may have been bought', async () => {
  const { clock, billing, meter, stops } = await openMeter(30);
  meter.enter('talking');
  billing.mood = 'away';
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
  billing.delayMs = 35_000;
  meter.enter('talking');
  await clock.advance(30_000);
  expect(stops).toHaveLength(1);
  clock.stall(2000);
  await clock.advance(10_000);
  expect(billing.granted).toBeGreaterThan(30);
  expect(meter.usedMs()).toBe(30_000);
  expect(stops).toHaveLength(1);
});

it('looks every second for time that is bought, and starts only when told to', async () => {
  const { billing, clock, meter, stops, resumes } = await openMeter(10);
  meter.enter('talking');
  await clock.advance(10_000);
  expect(billing.reports.at(-1)).toBe(10_000);
  const before = billing.reports.length;
  await clock.advance(20_500);
  expect(billing.reports.length - before).toBe(20);
  expect(new Set(billing.reports.slice(before))).toEqual(new Set([10_000]));
  billing.ownedSeconds += 60;
  await clock.advance(1000);
  expect(resumes()).toBe(1);
  await clock.advance(5000);
  expect(meter.usedMs()).toBe(10_000);
  meter.enter('talking');
  await clock.advance(59_999);
  expect(stops).toEqual(['time_used_up']);
  await clock.advance(1);
  expect(stops).toEqual(['time_used_up', 'time_used_up']);
  expect(meter.usedMs()).toBe(70_000);
});

it('reports the last slice at once, also when an earlier report is still under way', async () => {
  const { billing, clock, meter } = await openMeter(10);
  meter.enter('talking');
  await clock.advance(9000);
  billing.delayMs = 3000;
  await clock.advance(1000);
  await clock.advance(3000);
  expect(billing.reports.at(-1)).toBe(10_000);
});

it('does not let an answer that was overtaken take back a grant', async () => {
  const { billing, clock, meter } = await openMeter();
  meter.enter('talking');
  billing.returnMs = 5000;
  await clock.advance(18_000);
  billing.returnMs = 0;
  meter.report();
  await clock.advance(0);
  expect(meter.grant.grantedSeconds).toBe(48);
  await clock.advance(2000);
  expect(meter.grant.grantedSeconds).toBe(48);
});

it('is never resumed once it was fenced', async () => {
  const { billing, clock, meter, stops, resumes } = await openMeter(10);
  meter.enter('talking');
  await clock.advance(10_000);
  billing.mood = 'fenced';
  await clock.advance(1000);
  billing.mood = 'well';
  billing.ownedSeconds += 60;
  await meter.renew();
  await clock.advance(60_000);
  meter.enter('talking');
  await clock.advance(60_000);
  expect(stops).toEqual(['time_used_up', 'fenced']);
  expect(resumes()).toBe(0);
  expect(meter.usedMs()).toBe(10_000);
  expect(clock.pending).toBe(0);
});

it('goes on for two days, of two thousand hours', async () => {
  const { clock, meter, stops } = await openMeter(7_200_000);
  meter.enter('talking');
  await clock.advance(48 * 3_600_000);
  expect(stops).toEqual([]);
  expect(meter.usedMs()).toBe(172_800_000);
  expect(meter.remainingSeconds()).toBe(7_200_000 - 172_800);
});

it('knows what expires soon: it is used first', async () => {
  const { clock, meter } = await openMeter(100, 30);
  meter.enter('talking');
  expect(meter.expiringSeconds()).toBe(30);
  await clock.advance(20_500);
  expect(meter.expiringSeconds()).toBe(9);
  await clock.advance(20_000);
  expect(meter.expiringSeconds()).toBe(0);
});

it('does not start again once it has stopped', async () => {
  const { clock, meter, stops } = await openMeter(10);
  meter.enter('talking');
  await clock.advance(10_000);
  expect(meter.timeline.phase).toBe('goodbye');
  meter.enter('line_down');
  meter.enter('talking');
  expect(meter.timeline.phase).toBe('line_down');
  expect(stops).toHaveLength(1);
  await clock.advance(10_000);
  expect(meter.usedMs()).toBe(10_000);
});

it('gives free what a busy process failed to stop', async () => {
  const { clock, meter, stops } = await openMeter(30);
  meter.enter('talking');
  clock.stall(33_000);
  await clock.advance(0);
  expect(stops).toEqual(['time_used_up']);
  meter.endTimeline();
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
