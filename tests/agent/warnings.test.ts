import { describe, expect, it } from 'vitest';
import { secondsUntilWarning, thresholdAt } from '../../agent/call/counting.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import { fakeCall } from './fake-call.ts';

const { warning } = sentencesFor('en-US');

describe('a warning', () => {
  const told = (...remaining: number[]) => {
    let warnedAt = Number.POSITIVE_INFINITY;
    return remaining.filter((seconds) => {
      const isNew = thresholdAt(seconds) < warnedAt;
      warnedAt = thresholdAt(seconds);
      return isNew;
    });
  };

  it('is due once at five minutes and once at one minute', () => {
    expect(told(400, 301, 300, 299, 120, 61, 60, 59, 1, 0)).toEqual([300, 60]);
  });

  it('is due once when a look comes so late that both thresholds have passed', () => {
    expect(told(400, 45, 44)).toEqual([45]);
  });

  it('is due again after more time was bought', () => {
    expect(told(400, 290, 3800, 301, 300, 50, 200, 60)).toEqual([290, 300, 50, 60]);
  });

  it.each([
    [1000, 700],
    [301, 1],
    [300, 240],
    [61, 1],
    [60, undefined],
    [0, undefined],
  ])('with %i s left the next warning is due in %s s', (remaining, due) => {
    expect(secondsUntilWarning(remaining)).toBe(due);
  });

  it('says how long is left', () => {
    expect(warning(60)).toContain('1 minute left');
  });
});

describe('a call that runs short of time', () => {
  it('warns on the second, between turns, and tells the client', async () => {
    const { clock, conversation, line, run } = fakeCall({ ownedSeconds: 400 });
    await run();
    await clock.advance(99_000);
    expect(conversation.said).toHaveLength(1);
    await clock.advance(1000);
    expect(conversation.said.slice(1)).toEqual([warning(300)]);
    await clock.advance(239_000);
    expect(conversation.said).toHaveLength(2);
    await clock.advance(1000);
    expect(conversation.said.slice(2)).toEqual([warning(60)]);
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([300, 60]);
  });

  it('is silent about time while the line is cut, and warns once the caller is back', async () => {
    const { clock, conversation, line, run } = fakeCall({ ownedSeconds: 310 });
    await run();
    await clock.advance(5000);
    line.become('cut');
    await clock.advance(20_000);
    expect(line.of('warning')).toEqual([]);
    line.become('present');
    await clock.advance(4000);
    expect(line.of('warning')).toEqual([]);
    await clock.advance(1000);
    expect(conversation.said.at(-1)).toBe(warning(300));
  });

  it('does not repeat what the greeting has just said', async () => {
    const { clock, conversation, line, run } = fakeCall({ ownedSeconds: 200 });
    await run();
    await clock.advance(139_000);
    expect(conversation.said).toEqual([expect.stringContaining('3 minutes and 20 seconds')]);
    await clock.advance(1000);
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([60]);
  });

  it('does not warn after the end', async () => {
    const { clock, call, line, run } = fakeCall({ ownedSeconds: 310 });
    await run();
    void call.end('caller_hung_up');
    await clock.advance(60_000);
    expect(line.of('warning')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('warns again for time that was bought in the call', async () => {
    const { billing, clock, line, run } = fakeCall({ ownedSeconds: 70 });
    await run();
    await clock.advance(20_000);
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([60]);
    billing.ownedSeconds += 300;
    await clock.advance(120_000);
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([60, 300]);
  });
});
