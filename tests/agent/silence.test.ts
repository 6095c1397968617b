import { describe, expect, it } from 'vitest';
import { fakeCall } from './fake-call.ts';

const settings = { silenceAskSeconds: 45, silenceGoodbyeSeconds: 30, deskSeconds: 90 };
const ASK = 'Are you still there?';

describe('a silent call', () => {
  it('is asked after 45 seconds, and ends with an unbilled goodbye after 30 more', async () => {
    const { clock, billing, conversation, run, end } = fakeCall({ settings });
    await run();
    await clock.advance(44_999);
    expect(conversation.said).toHaveLength(1);
    await clock.advance(1);
    expect(conversation.said.at(-1)).toBe(ASK);
    await clock.advance(conversation.voiceMs + 29_999);
    expect(conversation.said.at(-1)).toBe(ASK);
    await clock.advance(1);
    expect(conversation.said.at(-1)).toMatch(/I hear nothing.*goodbye/);
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toMatchObject({ reason: 'silence', usedMs: 75_300, chargedSeconds: 75 });
    expect(billing.settlements[0]?.windows.at(-1)).toMatchObject({ reason: 'goodbye', billed: false });
    expect(clock.pending).toBe(0);
  });

  it('goes on when the caller answers, and is asked again after the next silence', async () => {
    const { clock, conversation, run, end } = fakeCall({ settings });
    await run();
    for (let silence = 1; silence <= 3; silence++) {
      await clock.advance(46_000);
      expect(conversation.said.filter((text) => text === ASK)).toHaveLength(silence);
      conversation.hear('words');
    }
    expect(end()).toBeUndefined();
  });

  it('is not asked while the agent speaks or thinks', async () => {
    const { clock, conversation, run } = fakeCall({ settings });
    await run();
    await clock.advance(40_000);
    conversation.hear('words');
    conversation.hear('agent_busy');
    await clock.advance(60_000);
    expect(conversation.said).toHaveLength(1);
    conversation.hear('agent_quiet');
    await clock.advance(44_000);
    expect(conversation.said).toHaveLength(1);
    await clock.advance(1000);
    expect(conversation.said.at(-1)).toBe(ASK);
  });

  it('full of noise without a word ends all the same', async () => {
    const { clock, conversation, run, end } = fakeCall({ settings });
    await run();
    conversation.hear('noise');
    await clock.advance(45_000);
    expect(conversation.said.at(-1)).toBe(ASK);
    conversation.hear('noise');
    await clock.advance(30_000 + conversation.goodbyeMs + 1000);
    expect(end()?.reason).toBe('silence');
  });

  it.each([5, 20, 44])(
    'with a sound every %d seconds and no word ends as any other',
    async (everySeconds) => {
      const { clock, conversation, run, end } = fakeCall({ settings });
      await run();
      for (let atSeconds = 0; atSeconds < 120; atSeconds += everySeconds) {
        conversation.hear('noise');
        await clock.advance(everySeconds * 1000);
      }
      expect(conversation.said).toContain(ASK);
      expect(end()).toMatchObject({ reason: 'silence' });
      // Each of the two silences may wait once for the words of a sound.
      expect(end()?.usedMs).toBeLessThanOrEqual(75_000 + 2 * 10_000 + 300);
    },
  );

  it('is not broken by what the agent says to a sound', async () => {
    const { clock, conversation, run, end } = fakeCall({ settings });
    await run();
    for (let hums = 0; hums < 20; hums++) {
      conversation.hear('noise');
      await clock.advance(5000);
      conversation.hear('agent_busy');
      await clock.advance(2000);
      conversation.hear('agent_quiet');
    }
    expect(conversation.said.filter((text) => text === ASK)).toHaveLength(1);
    expect(end()?.reason).toBe('silence');
  });

  it('waits for words while somebody begins to speak, once', async () => {
    const { clock, conversation, run } = fakeCall({ settings });
    await run();
    await clock.advance(44_000);
    conversation.hear('noise');
    await clock.advance(9000);
    expect(conversation.said).toHaveLength(1);
    conversation.hear('words');
    await clock.advance(44_000);
    expect(conversation.said).toHaveLength(1);
    conversation.hear('noise');
    await clock.advance(9999);
    conversation.hear('noise');
    await clock.advance(1);
    expect(conversation.said.at(-1)).toBe(ASK);
  });

  it('is not minded while the line is cut', async () => {
    const { clock, conversation, line, run } = fakeCall({
      settings: { ...settings, reconnectGraceSeconds: 600 },
    });
    await run();
    await clock.advance(40_000);
    line.become('cut');
    await clock.advance(100_000);
    expect(conversation.said).toHaveLength(1);
    line.become('present');
    await clock.advance(45_000);
    expect(conversation.said.slice(1)).toEqual(['There you are. Please go on.']);
    await clock.advance(1000);
    expect(conversation.said.at(-1)).toBe(ASK);
  });

  it('is not minded at the desk, which has an end of its own', async () => {
    const { clock, conversation, run } = fakeCall({ ownedSeconds: 20, settings });
    await run();
    await clock.advance(20_000 + 85_000);
    expect(conversation.said).not.toContain(ASK);
  });
});

describe('a goodbye of the caller', () => {
  it('ends the call with an unbilled farewell that nothing calls off', async () => {
    const { call, clock, billing, conversation, line, run, end } = fakeCall({ settings });
    await run();
    await clock.advance(10_000);
    call.sayGoodbye();
    call.sayGoodbye();
    conversation.hear('words');
    conversation.answer();
    await clock.advance(conversation.goodbyeMs);
    expect(conversation.said.slice(1)).toEqual(['Goodbye, and thank you for calling.']);
    expect(end()).toEqual({ reason: 'said_goodbye', usedMs: 10_000, chargedSeconds: 10 });
    expect(billing.reports.at(-1)).toBe(10_000);
    expect(line.hangUps).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

describe('another call on the same balance', () => {
  it('is told once, between turns', async () => {
    const { billing, clock, conversation, run } = fakeCall();
    await run();
    await clock.advance(20_000);
    expect(conversation.said).toHaveLength(1);
    billing.liveCalls = 2;
    await clock.advance(15_000);
    expect(conversation.said.slice(1)).toEqual([
      'Just so you know, another call is using the same balance right now.',
    ]);
    billing.liveCalls = 1;
    await clock.advance(30_000);
    billing.liveCalls = 3;
    await clock.advance(30_000);
    expect(conversation.said).toHaveLength(2);
  });
});
