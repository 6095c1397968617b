import { describe, expect, it } from 'vitest';
import {
  carryOver,
  countedMs,
  endTimeline,
  enterBeyond,
  enterPhase,
  freeTalkWithin,
  isRunning,
  newTimeline,
  windowsOf,
} from '../../agent/call/timeline.ts';
import { billedWithin, type Interruption, type Phase, type Window } from '../../agent/call/windows.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** One timeline after the other, on a clock. */
function timeline() {
  const clock = new FakeClock();
  let now = newTimeline(clock.nowMs());
  return {
    clock,
    timeline: {
      enter(phase: Phase) {
        now = enterPhase(now, phase, clock.nowMs());
      },
      end() {
        now = endTimeline(now, clock.nowMs());
      },
      carryOver(usedMs: number, restoredMs: number) {
        now = carryOver(now, usedMs, restoredMs);
      },
      restoreSince(sinceMs: number, reason: Interruption) {
        const spell = { fromMs: sinceMs, toMs: clock.nowMs() };
        now = freeTalkWithin(now, spell, reason, clock.nowMs());
      },
      enterBeyond(limitMs: number, phase: Phase) {
        now = enterBeyond(now, limitMs, phase, clock.nowMs());
      },
      get running() {
        return isRunning(now);
      },
      get phase() {
        return now.phase;
      },
      usedMs: () => countedMs(now, clock.nowMs()),
      restoredMs: () => now.restoredMs,
      windows: () => windowsOf(now, clock.nowMs()),
    },
  };
}

describe('Timeline', () => {
  it('bills talking, and nothing else', async () => {
    const { clock, timeline: calls } = timeline();
    await clock.advance(1000);
    calls.enter('talking');
    await clock.advance(2500);
    calls.enter('line_down');
    await clock.advance(400);
    calls.enter('talking');
    await clock.advance(100);
    calls.enter('goodbye');
    await clock.advance(50);
    calls.end();
    expect(calls.usedMs()).toBe(2600);
    expect(calls.windows()).toEqual([
      { reason: 'connecting', billed: false, from_ms: 0, to_ms: 1000 },
      { reason: 'talking', billed: true, from_ms: 1000, to_ms: 3500 },
      { reason: 'line_down', billed: false, from_ms: 3500, to_ms: 3900 },
      { reason: 'talking', billed: true, from_ms: 3900, to_ms: 4000 },
      { reason: 'goodbye', billed: false, from_ms: 4000, to_ms: 4050 },
    ]);
  });

  it('stands still once it has ended', async () => {
    const { clock, timeline: calls } = timeline();
    calls.enter('talking');
    await clock.advance(700);
    calls.end();
    await clock.advance(5000);
    calls.enter('goodbye');
    calls.end();
    expect(calls.running).toBe(false);
    expect(calls.usedMs()).toBe(700);
    expect(calls.windows()).toEqual([{ reason: 'talking', billed: true, from_ms: 0, to_ms: 700 }]);
  });

  it('counts fractions of a millisecond once, however often the phase changes', async () => {
    const { clock, timeline: calls } = timeline();
    for (let change = 0; change < 1000; change++) {
      calls.enter(change % 2 === 0 ? 'talking' : 'line_down');
      await clock.advance(0.6);
    }
    calls.end();
    expect(calls.windows().at(-1)?.to_ms).toBe(600);
    expect(calls.usedMs()).toBeGreaterThan(0);
    for (const { from_ms, to_ms } of calls.windows()) {
      expect(Number.isInteger(from_ms) && Number.isInteger(to_ms)).toBe(true);
    }
  });

  it('gives back the talk since a provider failed, whatever lies in between', async () => {
    const { clock, timeline: calls } = timeline();
    calls.enter('talking');
    await clock.advance(1000);
    const sinceMs = clock.nowMs() - 400;
    calls.enter('line_down');
    await clock.advance(200);
    calls.enter('talking');
    await clock.advance(300);
    calls.restoreSince(sinceMs, 'provider_outage');
    calls.enter('provider_outage');
    await clock.advance(50);
    calls.end();
    expect([calls.usedMs(), calls.restoredMs()]).toEqual([1300, 700]);
    expect(calls.windows()).toEqual([
      { reason: 'talking', billed: true, from_ms: 0, to_ms: 600 },
      { reason: 'provider_outage', billed: false, from_ms: 600, to_ms: 1000 },
      { reason: 'line_down', billed: false, from_ms: 1000, to_ms: 1200 },
      { reason: 'provider_outage', billed: false, from_ms: 1200, to_ms: 1550 },
    ]);
  });

  it('gives nothing back of what another worker has reported, and nothing after the end', async () => {
    const { clock, timeline: calls } = timeline();
    calls.carryOver(5000, 0);
    calls.enter('talking');
    await clock.advance(100);
    calls.restoreSince(Number.NEGATIVE_INFINITY, 'provider_outage');
    expect([calls.usedMs(), calls.restoredMs()]).toEqual([5100, 100]);
    await clock.advance(100);
    calls.end();
    calls.restoreSince(Number.NEGATIVE_INFINITY, 'provider_outage');
    calls.enterBeyond(0, 'desk');
    expect([calls.usedMs(), calls.restoredMs()]).toEqual([5200, 100]);
  });

  it('goes on from what another worker gave back', async () => {
    const { clock, timeline: calls } = timeline();
    calls.carryOver(5000, 2000);
    calls.enter('talking');
    await clock.advance(100);
    calls.restoreSince(Number.NEGATIVE_INFINITY, 'provider_outage');
    expect([calls.usedMs(), calls.restoredMs()]).toEqual([5100, 2100]);
    expect(calls.windows().slice(0, 2)).toEqual([
      { reason: 'earlier', billed: true, from_ms: 0, to_ms: 3000 },
      { reason: 'earlier', billed: false, from_ms: 3000, to_ms: 5000 },
    ]);
  });

  it('goes on from what another worker reported', async () => {
    const { clock, timeline: calls } = timeline();
    await clock.advance(200);
    calls.carryOver(12_345, 0);
    calls.enter('talking');
    await clock.advance(1000);
    expect(calls.usedMs()).toBe(13_345);
    expect(calls.windows()).toEqual([
      { reason: 'earlier', billed: true, from_ms: 0, to_ms: 12_345 },
      { reason: 'connecting', billed: false, from_ms: 12_345, to_ms: 12_545 },
      { reason: 'talking', billed: true, from_ms: 12_545, to_ms: 13_545 },
    ]);
  });

  it('takes over as well what arrives after the call has ended', async () => {
    const { clock, timeline: calls } = timeline();
    await clock.advance(200);
    calls.end();
    calls.carryOver(5000, 0);
    await clock.advance(1000);
    expect(calls.usedMs()).toBe(5000);
    expect(calls.windows().map(({ from_ms, to_ms }) => [from_ms, to_ms])).toEqual([
      [0, 5000],
      [5000, 5200],
    ]);
  });
});

describe('billedWithin', () => {
  const windows: Window[] = [
    { reason: 'connecting', billed: false, from_ms: 0, to_ms: 100 },
    { reason: 'talking', billed: true, from_ms: 100, to_ms: 1100 },
    { reason: 'line_down', billed: false, from_ms: 1100, to_ms: 1200 },
    { reason: 'talking', billed: true, from_ms: 1200, to_ms: 2200 },
  ];

  it.each([2000, 9999])('leaves windows alone that fit into %i ms', (limitMs) => {
    expect(billedWithin(windows, limitMs)).toEqual(windows);
  });

  it('gives free what lies beyond the limit, and loses no millisecond', () => {
    expect(billedWithin(windows, 1500).slice(3)).toEqual([
      { reason: 'talking', billed: true, from_ms: 1200, to_ms: 1700 },
      { reason: 'talking', billed: false, from_ms: 1700, to_ms: 2200 },
    ]);
    expect(billedWithin(windows, 1000).slice(3)).toEqual([
      { reason: 'talking', billed: false, from_ms: 1200, to_ms: 2200 },
    ]);
    expect(billedWithin(windows, 0).every(({ billed }) => !billed)).toBe(true);
  });

  it('counts a late stop to the goodbye that follows', () => {
    const goodbye: Window = { reason: 'goodbye', billed: false, from_ms: 2200, to_ms: 6000 };
    expect(billedWithin([...windows, goodbye], 1993).slice(3)).toEqual([
      { reason: 'talking', billed: true, from_ms: 1200, to_ms: 2193 },
      { reason: 'goodbye', billed: false, from_ms: 2193, to_ms: 6000 },
    ]);
  });
});
