import { describe, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { fakeCall } from './fake-call.ts';

/** Somebody talks for 20 seconds; then it is noticed that their line has been dead for five. */
async function dead(options: Parameters<typeof fakeCall>[0] = {}) {
  const call = fakeCall(options);
  await call.run();
  await call.clock.advance(20_000);
  call.line.become('cut', call.clock.nowMs() - 5000);
  await call.clock.advance(0);
  return call;
}

describe('a line that has been dead for a while when it is noticed', () => {
  it('is free from the last packet on, and the same call goes on when it is back', async () => {
    const { billing, call, clock, conversation, end, line } = await dead();
    expect([call.meter?.usedMs(), call.meter?.restoredMs()]).toEqual([20_000, 5000]);
    // The database knows at once: a crash from here on must not cost the caller the gap.
    expect(billing.restored.at(-1)).toBe(5000);
    await clock.advance(5000);
    line.become('present');
    expect(conversation.said.at(-1)).toMatch(/there you are/i);
    await clock.advance(10_000);
    line.become('left');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 30_000, chargedSeconds: 25 });
    const { restoredMs = 0, windows = [] } = billing.settlements[0] ?? {};
    expect(restoredMs).toBe(5000);
    expect(windows).toEqual([
      { reason: 'connecting', billed: false, from_ms: 0, to_ms: 300 },
      { reason: 'talking', billed: true, from_ms: 300, to_ms: 15_300 },
      { reason: 'line_down', billed: false, from_ms: 15_300, to_ms: 25_300 },
      { reason: 'talking', billed: true, from_ms: 25_300, to_ms: 35_300 },
    ]);
    expect(billedMs(windows)).toBe(30_000 - restoredMs);
  });

  it('ends the call when the grace is over, counted from the last packet', async () => {
    const { billing, clock, end } = await dead();
    await clock.advance(24_999);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toEqual({ reason: 'line_lost', usedMs: 20_000, chargedSeconds: 15 });
    expect(billing.settlements[0]?.windows.slice(1)).toEqual([
      { reason: 'talking', billed: true, from_ms: 300, to_ms: 15_300 },
      { reason: 'line_down', billed: false, from_ms: 15_300, to_ms: 45_300 },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('ends the call at once when the grace was over before it was noticed', async () => {
    const { clock, end } = await dead({ settings: { reconnectGraceSeconds: 3 } });
    await clock.advance(0);
    expect(end()).toMatchObject({ reason: 'line_lost', chargedSeconds: 15 });
  });

  it('gives nothing back twice, nor what was free already', async () => {
    const { call, clock, conversation, line } = fakeCall();
    void call.run();
    await clock.advance(conversation.voiceMs + 10_000);
    const cutMs = clock.nowMs();
    line.become('cut', cutMs - 4000);
    await clock.advance(2000);
    line.become('present');
    await clock.advance(1000);
    conversation.fail(500);
    line.become('cut', cutMs - 1000);
    await clock.advance(2000);
    expect([call.meter?.usedMs(), call.meter?.restoredMs()]).toEqual([11_000, 5000]);
  });

  it('is free although time was used up meanwhile', async () => {
    const { billing, clock, line, run, end } = fakeCall({ ownedSeconds: 20, settings: { deskSeconds: 90 } });
    await run();
    await clock.advance(22_000);
    line.become('cut', clock.nowMs() - 5000);
    await clock.advance(60_000);
    expect(end()).toEqual({ reason: 'line_lost', usedMs: 20_000, chargedSeconds: 17 });
    const { restoredMs = 0, windows = [] } = billing.settlements[0] ?? {};
    expect([restoredMs, billedMs(windows)]).toEqual([3000, 17_000]);
  });
});

describe('a line whose packets stay out while the caller is served', () => {
  it('gives back only what lies outside of the answer', async () => {
    const { billing, clock, conversation, line, run } = fakeCall();
    await run();
    await clock.advance(10_000);
    const silentSinceMs = clock.nowMs();
    await clock.advance(1000);
    conversation.hear('agent_busy');
    await clock.advance(3000);
    conversation.hear('agent_quiet');
    await clock.advance(2000);
    line.become('cut', silentSinceMs);
    await clock.advance(30_000);
    expect(billing.settlements[0]).toMatchObject({ usedMs: 16_000, restoredMs: 3000 });
    expect(
      billing.settlements[0]?.windows.slice(1).map(({ reason, from_ms, to_ms }) => [reason, to_ms - from_ms]),
    ).toEqual([
      ['talking', 10_000],
      ['line_down', 1000],
      ['talking', 3000],
      ['line_down', 26_000],
    ]);
  });

  it('gives nothing back while the answer goes on, nor from before words that came', async () => {
    const { call, clock, conversation, line, run } = fakeCall();
    await run();
    await clock.advance(10_000);
    conversation.hear('agent_busy');
    await clock.advance(5000);
    line.become('cut', clock.nowMs() - 5000);
    expect(call.meter?.restoredMs()).toBe(0);
    conversation.hear('agent_quiet');
    line.become('present');
    await clock.advance(10_000);
    conversation.hear('words');
    await clock.advance(1000);
    line.become('cut', clock.nowMs() - 6000);
    expect(call.meter?.restoredMs()).toBe(1000);
  });

  it('is told about when it comes again and again', async () => {
    const { clock, conversation, line, run } = fakeCall();
    await run();
    for (let times = 1; times <= 4; times++) {
      await clock.advance(10_000);
      line.become('cut', clock.nowMs() - 5000);
      await clock.advance(1000);
      line.become('present');
      const isThird = times === 3;
      expect(conversation.said.at(-1)?.includes('breaks off again and again')).toBe(isThird);
    }
  });

  it('costs whoever stops it before each renewal all that they were served', async () => {
    const { call, clock, conversation, line, run } = fakeCall();
    await run();
    let servedMs = 0;
    // Asks, is answered for five seconds, and lets the line die; each time just in time.
    for (let round = 0; round < 12; round++) {
      await clock.advance(2000);
      conversation.hear('words');
      const silentSinceMs = clock.nowMs();
      conversation.hear('agent_busy');
      await clock.advance(5000);
      servedMs += 5000;
      line.become('cut', silentSinceMs);
      conversation.hear('agent_quiet');
      await clock.advance(1000);
      line.become('present');
    }
    expect(call.meter?.chargedMs()).toBeGreaterThanOrEqual(servedMs);
  });
});

describe('the agent', () => {
  it('falls silent at once, and again whenever it begins to speak to a dead line', async () => {
    const { clock, conversation, line } = await dead();
    expect(conversation.hushes).toBe(1);
    conversation.say('An answer that was on its way.');
    await clock.advance(conversation.voiceMs);
    expect(conversation.hushes).toBe(2);
    line.become('present');
    await clock.advance(conversation.voiceMs);
    expect(conversation.hushes).toBe(2);
  });

  it('says goodbye all the same', async () => {
    const { call, clock, conversation, line, run } = fakeCall();
    await run();
    call.sayGoodbye();
    line.become('cut', clock.nowMs());
    await clock.advance(1000);
    expect(conversation.hushes).toBe(0);
    expect(conversation.said.at(-1)).toMatch(/thank you for calling/i);
  });
});
