import { describe, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { fakeCall } from './fake-call.ts';

describe('time that is used up', () => {
  it('ends with a goodbye that is not billed, one bill, and then a hang-up', async () => {
    const { clock, billing, conversation, line, run, end } = fakeCall({ ownedSeconds: 45 });
    await run();
    await clock.advance(45_000);
    expect(conversation.said.at(-1)).toMatch(/time is used up.*Take care!$/);
    expect(line.of('meter').at(-1)).toMatchObject({
      state: 'stopped',
      used_ms: 45_000,
      remaining_seconds: 0,
    });
    expect(line.hangUps).toBe(0);
    expect(billing.reports.at(-1)).toBe(45_000);
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 45_000, chargedSeconds: 45 });
    expect(billing.settlements).toHaveLength(1);
    expect(billing.settlements[0]?.windows.at(-1)).toEqual({
      reason: 'goodbye',
      billed: false,
      from_ms: 45_300,
      to_ms: 49_300,
    });
    expect(line.messages.at(-1)).toMatchObject({
      type: 'ended',
      reason: 'time_used_up',
      charged_seconds: 45,
    });
    expect(line.hangUps).toBe(1);
    expect(conversation.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('ends also when the goodbye is never heard', async () => {
    const { clock, conversation, run, end } = fakeCall({ ownedSeconds: 10 });
    conversation.goodbyeMs = Number.POSITIVE_INFINITY;
    await run();
    await clock.advance(10_000 + 14_999);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()?.reason).toBe('time_used_up');
  });

  it('ends also when taking leave itself hangs, and closing, too', async () => {
    const { clock, conversation, line, run, end } = fakeCall({ ownedSeconds: 10 });
    conversation.goodbyeHangs = true;
    conversation.closing = new Promise(() => {});
    line.hangUp = () => new Promise(() => {});
    await run();
    await clock.advance(10_000 + 15_000 + 10_000);
    expect(end()?.reason).toBe('time_used_up');
    expect(clock.pending).toBe(0);
  });

  it('ends with its goodbye, not with the grace of a line that is cut meanwhile', async () => {
    const settings = { reconnectGraceSeconds: 1 };
    const { clock, line, run, end } = fakeCall({ ownedSeconds: 10, settings });
    await run();
    await clock.advance(11_000);
    line.become('cut');
    await clock.advance(3000);
    expect(end()?.reason).toBe('time_used_up');
  });

  it('ends also when the voice has failed', async () => {
    const { clock, conversation, run, end } = fakeCall({ ownedSeconds: 10 });
    conversation.goodbyeFails = true;
    await run();
    await clock.advance(10_000);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 10_000, chargedSeconds: 10 });
  });

  it('does not start the clock again when the line is cut and comes back during the goodbye', async () => {
    const { clock, billing, line, run, end } = fakeCall({ ownedSeconds: 10 });
    await run();
    await clock.advance(11_000);
    line.become('cut');
    await clock.advance(500);
    line.become('present');
    await clock.advance(10_000);
    expect(end()).toMatchObject({ usedMs: 10_000, reason: 'time_used_up' });
    expect(billing.settlements[0]?.windows.map(({ reason }) => reason)).toEqual([
      'connecting',
      'talking',
      'goodbye',
    ]);
  });

  it('ends at once when the caller hangs up during the goodbye', async () => {
    const { clock, billing, line, run, end } = fakeCall({ ownedSeconds: 10 });
    await run();
    await clock.advance(11_000);
    line.become('left');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 10_000, chargedSeconds: 10 });
    await clock.advance(60_000);
    expect(billing.settlements).toHaveLength(1);
  });

  it('ends while the line is cut at the last second, without waiting for the grace', async () => {
    const { clock, line, run, end } = fakeCall({ ownedSeconds: 10 });
    await run();
    await clock.advance(9500);
    line.become('cut');
    await clock.advance(20_000);
    line.become('present');
    expect(end()).toBeUndefined();
    await clock.advance(500 + 4000);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 10_000, chargedSeconds: 10 });
  });
});

describe('a database that is away', () => {
  it('does not end the call before the grant does, and then politely', async () => {
    const { clock, billing, conversation, run, end, renewalsFailed } = fakeCall();
    await run();
    await clock.advance(20_000);
    billing.mood = 'away';
    await clock.advance(26_999);
    expect(conversation.said).toHaveLength(1);
    await clock.advance(1);
    expect(conversation.said.at(-1)).toMatch(/cannot reach your account.*Goodbye!$/);
    expect(renewalsFailed()).toBeGreaterThan(1);
    billing.mood = 'well';
    await clock.advance(5000);
    expect(end()).toEqual({ reason: 'billing_unreachable', usedMs: 47_000, chargedSeconds: 47 });
  });

  it('is asked for the bill again, while the caller does not wait for it', async () => {
    const { clock, billing, line, conversation, run, end } = fakeCall();
    await run();
    await clock.advance(4000);
    billing.mood = 'away';
    line.become('left');
    await clock.advance(2999);
    expect(line.hangUps).toBe(0);
    await clock.advance(1);
    expect(line.hangUps).toBe(1);
    expect(conversation.isClosed).toBe(true);
    expect(line.of('ended')).toMatchObject([{ charged_seconds: null }]);
    expect(end()).toBeUndefined();
    billing.mood = 'well';
    await clock.advance(5000);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 4000, chargedSeconds: 4 });
    expect(billing.settlements).toHaveLength(1);
  });

  it('for good leaves the bill to the reaper', async () => {
    const { clock, billing, line, run, end } = fakeCall();
    await run();
    await clock.advance(4000);
    billing.mood = 'away';
    line.become('left');
    await clock.advance(60_000);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 4000, chargedSeconds: undefined });
    expect(clock.pending).toBe(0);
  });

  it('whose answer to the bill is lost writes it once', async () => {
    const { clock, billing, line, run, end } = fakeCall();
    await run();
    await clock.advance(4000);
    billing.mood = 'lost';
    line.become('left');
    await clock.advance(400);
    billing.mood = 'well';
    await clock.advance(5000);
    expect(end()?.chargedSeconds).toBe(4);
    expect(billing.settlements).toHaveLength(1);
  });
});

describe('a worker that does not own the call any more', () => {
  it('leaves without a word, without hanging up the room, and tells the client nothing', async () => {
    const { clock, billing, conversation, line, run, end } = fakeCall();
    await run();
    billing.mood = 'fenced';
    await clock.advance(20_000);
    expect(end()).toEqual({ reason: 'fenced', usedMs: 2_000, chargedSeconds: undefined });
    expect(conversation.said).toHaveLength(1);
    expect(conversation.isClosed).toBe(true);
    expect(line.hangUps).toBe(0);
    expect(line.of('ended')).toEqual([]);
  });

  it('hangs up all the same when nobody else does: the reaper has settled the call', async () => {
    const { clock, billing, line, run, end } = fakeCall();
    await run();
    billing.settlements.push({ usedMs: 7000, restoredMs: 0, reason: 'lease_expired', windows: [] });
    await clock.advance(20_000);
    expect(end()).toMatchObject({ reason: 'fenced', chargedSeconds: 7 });
    expect(line.hangUps).toBe(1);
    expect(line.of('ended')).toMatchObject([{ charged_seconds: 7 }]);
  });
});

describe('an end', () => {
  it('comes once, whatever races for it', async () => {
    const { call, clock, billing, conversation, line, run, end } = fakeCall({ ownedSeconds: 10 });
    billing.delayMs = 50;
    await run();
    await clock.advance(10_049);
    const ends = [call.end('job_shutdown'), call.end('line_lost')];
    line.become('left');
    conversation.end('conversation_failed');
    await clock.advance(60_000);
    expect(new Set([...(await Promise.all(ends)), end()]).size).toBe(1);
    expect(billing.settlements).toHaveLength(1);
    expect(line.of('ended')).toHaveLength(1);
    expect(line.hangUps).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('with a renewal under way settles the final figure', async () => {
    const { call, clock, billing, run, end } = fakeCall();
    await run();
    await clock.advance(16_000);
    billing.delayMs = 2000;
    await clock.advance(2000);
    void call.end('caller_hung_up');
    await clock.advance(10_000);
    expect(billing.settlements).toMatchObject([{ usedMs: 18_000 }]);
    expect(Math.max(...billing.reports)).toBe(17_000);
    expect(end()?.chargedSeconds).toBe(18);
  });

  it.each(['conversation_failed', 'job_shutdown'] as const)(
    'of the conversation by %s is billed up to then',
    async (why) => {
      const { clock, conversation, run, end } = fakeCall();
      await run();
      await clock.advance(3000);
      conversation.end(why);
      await clock.advance(0);
      expect(end()).toEqual({ reason: why, usedMs: 3000, chargedSeconds: 3 });
    },
  );

  it('of a job that lost its room is a lost line', async () => {
    const { clock, conversation, line, run, end } = fakeCall();
    await run();
    await clock.advance(3000);
    line.become('cut');
    await clock.advance(15_000);
    conversation.end('job_shutdown');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'line_lost', usedMs: 3000, chargedSeconds: 3 });
  });

  it('comes also when the conversation cannot be closed', async () => {
    const { call, clock, conversation, run, end } = fakeCall();
    await run();
    conversation.closing = Promise.reject(new Error('still talking'));
    void call.end('caller_hung_up');
    await clock.advance(0);
    expect(end()?.reason).toBe('caller_hung_up');
  });

  it('is not undone by a caller who comes back', async () => {
    const { call, clock, conversation, line, run } = fakeCall();
    await run();
    void call.end('line_lost');
    line.become('present');
    line.become('cut');
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    expect(conversation.said).toHaveLength(1);
    expect(line.of('meter').every(({ used_ms }) => used_ms === 0)).toBe(true);
  });
});

it('explains every millisecond of what it bills, also when a busy process lets a call overrun', async () => {
  const { clock, billing, run, end } = fakeCall({ ownedSeconds: 30 });
  await run();
  await clock.advance(29_000);
  clock.stall(5000);
  await clock.advance(5000);
  expect(end()).toMatchObject({ usedMs: 30_000, chargedSeconds: 30 });
  expect(billedMs(billing.settlements[0]?.windows ?? [])).toBe(30_000);
});
