import { describe, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { Fault } from '../../shared/errors.ts';
import { fakeCall } from './fake-call.ts';

describe('what is billed', () => {
  it('begins with the first word heard, not with the ringing and not with the greeting asked for', async () => {
    const { clock, call, conversation, billing, line, run, end } = fakeCall();
    conversation.voiceMs = 2500;
    await run();
    expect(conversation.said).toEqual(['Hello, this is MindBot. You have 1 hour. What can I do for you?']);
    await clock.advance(10_400);
    line.become('left');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 10_400, chargedSeconds: 10 });
    expect(billing.settlements[0]?.windows).toEqual([
      { reason: 'connecting', billed: false, from_ms: 0, to_ms: 2500 },
      { reason: 'talking', billed: true, from_ms: 2500, to_ms: 12_900 },
    ]);
    expect(await call.end('job_shutdown')).toBe(end());
  });

  it('begins with a greeting that tells of time about to expire', async () => {
    const { conversation, billing, run } = fakeCall();
    billing.expiringSeconds = 600;
    await run();
    expect(conversation.said).toEqual([
      'Hello, this is MindBot. You have 1 hour. Within a week, 10 minutes of it will expire. What can I do for you?',
    ]);
  });

  it('is nothing when the voice never comes', async () => {
    const { clock, conversation, line, begin, end } = fakeCall();
    conversation.voiceMs = 1_000_000;
    begin();
    await clock.advance(50_000);
    line.become('left');
    await clock.advance(0);
    expect(end()).toMatchObject({ usedMs: 0, chargedSeconds: 0 });
  });

  it('is nothing for a caller who leaves before the greeting', async () => {
    const { clock, billing, line, conversation, run, end } = fakeCall();
    billing.delayMs = 500;
    await run();
    line.become('left');
    await clock.advance(5000);
    expect(conversation.said).toEqual([]);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 0, chargedSeconds: 0 });
    expect(clock.pending).toBe(0);
  });

  it('is nothing for a caller who never comes', async () => {
    const { clock, billing, line, run, end } = fakeCall({ presence: 'awaited' });
    await run();
    await clock.advance(19_000);
    expect(end()).toBeUndefined();
    await clock.advance(1000);
    expect(end()).toEqual({ reason: 'caller_never_came', usedMs: 0, chargedSeconds: 0 });
    expect(billing.settlements).toHaveLength(1);
    expect(line.hangUps).toBe(1);
  });

  it('begins when a caller comes late', async () => {
    const { clock, conversation, line, run, call } = fakeCall({ presence: 'awaited' });
    await run();
    await clock.advance(15_000);
    line.become('present');
    await clock.advance(1300);
    expect(conversation.said).toHaveLength(1);
    expect(call.meter?.usedMs()).toBe(1000);
  });

  it('is greeted again, and not billed, when the line was cut before the first word', async () => {
    const { clock, conversation, line, begin, call } = fakeCall();
    conversation.voiceMs = 1000;
    begin();
    await clock.advance(500);
    line.become('cut');
    await clock.advance(4000);
    expect(call.meter?.usedMs()).toBe(0);
    line.become('present');
    await clock.advance(3000);
    expect(conversation.said).toHaveLength(2);
    expect(call.meter?.usedMs()).toBe(2000);
  });

  it('is nothing for a caller who hears nothing, who is not kept for longer than 20 seconds', async () => {
    const { clock, billing, conversation, begin, end } = fakeCall();
    conversation.voiceMs = Number.POSITIVE_INFINITY;
    begin();
    await clock.advance(19_999);
    expect(conversation.said).toHaveLength(2);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toEqual({ reason: 'never_heard', usedMs: 0, chargedSeconds: 0 });
    expect(billing.settlements).toHaveLength(1);
  });

  it('is nothing for a line that flaps before the first word, for a minute', async () => {
    const { clock, conversation, line, begin, end } = fakeCall();
    conversation.voiceMs = Number.POSITIVE_INFINITY;
    begin();
    for (let flaps = 0; flaps < 6; flaps++) {
      await clock.advance(8000);
      line.become('cut');
      await clock.advance(1000);
      line.become('present');
    }
    await clock.advance(5999);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toMatchObject({ reason: 'never_heard', usedMs: 0 });
  });

  it('goes on from what another worker of the same call has reported', async () => {
    const { clock, billing, line, run, end } = fakeCall({ ownedSeconds: 100 });
    billing.earlierMs = 40_500;
    billing.granted = 60;
    await run();
    await clock.advance(20_000);
    line.become('left');
    await clock.advance(0);
    expect(end()).toMatchObject({ usedMs: 60_500, chargedSeconds: 60 });
    expect(billedMs(billing.settlements[0]?.windows ?? [])).toBe(60_500);
  });
});

describe('what the caller says', () => {
  it('is taken from the first word of the agent on, not before, and not on a line that is cut', async () => {
    const { call, clock, conversation, line, begin } = fakeCall();
    conversation.voiceMs = 1500;
    begin();
    await clock.advance(1499);
    expect(conversation.isListening).toBe(false);
    await clock.advance(1);
    expect(conversation.isListening).toBe(true);
    line.become('cut');
    expect(conversation.isListening).toBe(false);
    line.become('present');
    expect(conversation.isListening).toBe(true);
    line.become('unreachable');
    expect(conversation.isListening).toBe(false);
    line.become('present');
    call.sayGoodbye();
    expect(conversation.isListening).toBe(false);
  });

  it('is taken while a provider is out, whose outage only an answer ends, and at the desk', async () => {
    const { clock, conversation, run } = fakeCall({ ownedSeconds: 20, settings: { deskSeconds: 90 } });
    await run();
    conversation.fail(100);
    expect(conversation.isListening).toBe(true);
    conversation.answer();
    await clock.advance(20_000);
    expect(conversation.role).toBe('desk');
    expect(conversation.isListening).toBe(true);
  });
});

describe('a line that is cut', () => {
  it('for 10 seconds pauses the bill, and the same conversation goes on', async () => {
    const { clock, billing, conversation, line, run, end } = fakeCall();
    await run();
    await clock.advance(5000);
    line.become('cut');
    expect(line.of('meter').at(-1)?.state).toBe('paused');
    await clock.advance(10_000);
    line.become('present');
    expect(line.of('meter').at(-1)?.state).toBe('running');
    await clock.advance(3000);
    expect(conversation.said.slice(1)).toEqual(['There you are. Please go on.']);
    line.become('left');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 8000, chargedSeconds: 8 });
    expect(
      billing.settlements[0]?.windows.map(({ reason, from_ms, to_ms }) => [reason, to_ms - from_ms]),
    ).toEqual([
      ['connecting', 300],
      ['talking', 5000],
      ['line_down', 10_000],
      ['talking', 3000],
    ]);
  });

  it('for 40 seconds ends the call, billed up to the cut', async () => {
    const { clock, billing, line, conversation, run, end } = fakeCall();
    await run();
    await clock.advance(5700);
    line.become('cut');
    await clock.advance(40_000);
    expect(end()).toEqual({ reason: 'line_lost', usedMs: 5700, chargedSeconds: 5 });
    expect(billing.settlements[0]?.windows.at(-1)).toEqual({
      reason: 'line_down',
      billed: false,
      from_ms: 6000,
      to_ms: 36_000,
    });
    expect(line.hangUps).toBe(1);
    expect(conversation.isClosed).toBe(true);
  });

  it("on our side is our outage, not the caller's", async () => {
    const { clock, billing, conversation, line, run, end } = fakeCall();
    await run();
    await clock.advance(5000);
    line.become('unreachable');
    await clock.advance(2000);
    line.become('cut');
    await clock.advance(1000);
    line.become('unreachable');
    await clock.advance(10_000);
    conversation.end('job_shutdown');
    await clock.advance(0);
    expect(end()).toEqual({ reason: 'our_outage', usedMs: 5000, chargedSeconds: 5 });
    expect(billing.settlements[0]?.windows.slice(2).map(({ reason }) => reason)).toEqual([
      'our_outage',
      'line_down',
      'our_outage',
    ]);
  });

  it('on our side for 30 seconds ends the call', async () => {
    const { clock, line, run, end } = fakeCall();
    await run();
    line.become('unreachable');
    await clock.advance(29_999);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toMatchObject({ reason: 'our_outage', usedMs: 0 });
  });

  it('several times gives the whole grace each time', async () => {
    const { clock, line, run, end } = fakeCall();
    await run();
    for (let cut = 0; cut < 3; cut++) {
      await clock.advance(1000);
      line.become('cut');
      await clock.advance(29_000);
      line.become('present');
    }
    await clock.advance(60_000);
    expect(end()).toBeUndefined();
  });
});

describe('a call that may not begin', () => {
  it.each([
    ['no_time_left', 'You have no time left.'],
    ['too_many_calls', 'Too many calls use your account right now.'],
    ['database_unavailable', 'I cannot reach your account right now. Please try again in a moment.'],
    ['room_taken', 'Another call is already going on here. Please hang up and call again.'],
    ['call_settled', 'That call is over. Please call again to begin a new one.'],
    ['call_mismatch', 'That call belongs to somebody else. Please call again from your own page.'],
    ['unknown_user', 'I do not know your account any more. Please sign up again.'],
  ] as const)('because of %s says so, ends, and has no bill', async (code, speech) => {
    const { clock, billing, conversation, line, run, end } = fakeCall();
    billing.refusal = new Fault(code);
    await run();
    expect(conversation.said).toEqual([speech]);
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toEqual({ reason: 'refused', usedMs: 0, chargedSeconds: undefined });
    expect(billing.settlements).toEqual([]);
    expect(line.of('ended')).toMatchObject([{ reason: 'refused', charged_seconds: null }]);
    expect(line.hangUps).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('because the conversation does not start releases the hold', async () => {
    const { clock, billing, conversation, run, end } = fakeCall();
    conversation.started = Promise.reject(new Error('no speech recognition'));
    await run();
    expect(end()).toEqual({ reason: 'conversation_failed', usedMs: 0, chargedSeconds: 0 });
    expect(billing.settlements).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('for two reasons ends without a word', async () => {
    const { billing, conversation, run, end } = fakeCall();
    billing.refusal = new Fault('no_time_left');
    conversation.started = Promise.reject(new Error('no speech recognition'));
    conversation.goodbyeFails = true;
    await run();
    expect(end()).toEqual({ reason: 'refused', usedMs: 0, chargedSeconds: undefined });
  });

  it('because the job goes while the call is being opened releases the hold', async () => {
    const { clock, billing, call, run, end } = fakeCall();
    billing.delayMs = 2000;
    await run();
    void call.end('job_shutdown');
    await clock.advance(10_000);
    expect(end()).toEqual({ reason: 'job_shutdown', usedMs: 0, chargedSeconds: 0 });
    expect(billing.settlements).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is not refused aloud once it has ended', async () => {
    const { clock, billing, call, conversation, run, end } = fakeCall();
    billing.delayMs = 2000;
    billing.refusal = new Fault('no_time_left');
    await run();
    void call.end('job_shutdown');
    await clock.advance(10_000);
    expect(end()?.reason).toBe('job_shutdown');
    expect(conversation.said).toEqual([]);
  });

  it('because the job has gone before it began is not opened', async () => {
    const { clock, billing, call, run, end } = fakeCall();
    void call.end('job_shutdown');
    await run();
    await clock.advance(1000);
    expect(end()).toEqual({ reason: 'job_shutdown', usedMs: 0, chargedSeconds: undefined });
    expect(billing.granted).toBe(0);
  });
});
