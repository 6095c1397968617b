import { describe, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { fakeCall } from './fake-call.ts';

const settings = { deskSeconds: 90 };

/** A call that has just used up its time. */
async function atTheDesk(ownedSeconds = 45) {
  const world = fakeCall({ ownedSeconds, settings });
  await world.run();
  await world.clock.advance(ownedSeconds * 1000);
  return world;
}

describe('the top-up desk', () => {
  it('opens when time is used up, is free, and tells the client', async () => {
    const { billing, call, clock, conversation, line } = await atTheDesk();
    expect(conversation.role).toBe('desk');
    expect(conversation.said.at(-1)).toBe(
      'Your time is used up. I stay for 1 minute and 30 seconds more, free of charge. Would you like to buy more time?',
    );
    expect(line.of('desk')).toMatchObject([{ free_seconds: 90 }]);
    expect(line.of('meter').at(-1)).toMatchObject({ state: 'desk', used_ms: 45_000, remaining_seconds: 0 });
    expect(billing.reports.at(-1)).toBe(45_000);
    await clock.advance(60_000);
    expect(call.meter?.usedMs()).toBe(45_000);
    expect(line.hangUps).toBe(0);
  });

  it('says goodbye when its time is over, whatever is said at it, and hangs up', async () => {
    const { billing, clock, conversation, line, end } = await atTheDesk();
    for (let turn = 0; turn < 17; turn++) {
      conversation.hear('words');
      conversation.answer();
      await clock.advance(5000);
    }
    expect(conversation.said.at(-1)).toMatch(/used up. I stay/);
    await clock.advance(5000);
    expect(conversation.said.at(-1)).toMatch(/say goodbye.*Take care!$/);
    expect(line.of('meter').at(-1)?.state).toBe('stopped');
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 45_000, chargedSeconds: 45 });
    expect(line.hangUps).toBe(1);
    const windows = billing.settlements[0]?.windows ?? [];
    expect(
      windows.slice(2).map(({ reason, billed, from_ms, to_ms }) => [reason, billed, to_ms - from_ms]),
    ).toEqual([
      ['desk', false, 90_000],
      ['goodbye', false, 4000],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('says goodbye after so many answers: it is for buying', async () => {
    const { clock, conversation, run } = fakeCall({
      ownedSeconds: 45,
      settings: { ...settings, deskAnswers: 12 },
    });
    await run();
    await clock.advance(45_000);
    for (let turn = 0; turn < 11; turn++) conversation.answer();
    expect(conversation.said.at(-1)).toMatch(/used up. I stay/);
    conversation.answer();
    await clock.advance(0);
    expect(conversation.said.at(-1)).toMatch(/say goodbye.*Take care!$/);
  });

  it('says goodbye after so many words of the caller: it is no place to dictate', async () => {
    const { clock, conversation, run } = fakeCall({
      ownedSeconds: 45,
      settings: { ...settings, deskWords: 150 },
    });
    await run();
    conversation.write(500);
    await clock.advance(45_000);
    conversation.write(149);
    expect(conversation.said.at(-1)).toMatch(/used up. I stay/);
    expect(conversation.isListening).toBe(true);
    conversation.write(1);
    await clock.advance(0);
    expect(conversation.said.at(-1)).toMatch(/say goodbye.*Take care!$/);
    expect(conversation.isListening).toBe(false);
  });

  it('has an end for the day, however often a little time comes to it', async () => {
    const { billing, clock, conversation, line, run, end } = fakeCall({
      ownedSeconds: 10,
      settings: { ...settings, deskSecondsPerDay: 360 },
    });
    billing.deskMs = 80_000;
    await run();
    await clock.advance(10_000);
    for (let gift = 0; gift < 20 && end() === undefined; gift++) {
      await clock.advance(85_000);
      billing.ownedSeconds += 2;
      await clock.advance(4_000);
    }
    // 280 of 360 s were left.
    expect(line.of('desk').map(({ free_seconds }) => free_seconds)).toEqual([90, 90, 90, 20]);
    await clock.advance(conversation.goodbyeMs);
    expect(end()?.reason).toBe('time_used_up');
    const free = billing.settlements[0]?.windows.filter(({ reason }) => reason === 'desk') ?? [];
    const freeMs = free.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
    expect(freeMs).toBeLessThanOrEqual(280_000);
  });

  it.each([
    [20, [90, 20]],
    [4, [90, 0]],
  ])(
    'is open for the %i seconds that calls at the same time leave of the day',
    async (free, [, seconds = 0]) => {
      const { billing, clock, conversation, line, run, end } = fakeCall({
        ownedSeconds: 10,
        settings: { ...settings, deskSecondsPerDay: 360 },
      });
      billing.freeDeskSeconds = free;
      await run();
      await clock.advance(10_000);
      expect(line.of('desk')).toHaveLength(1);
      await clock.advance(seconds * 1000 + conversation.goodbyeMs + 2_000);
      expect(end()?.reason).toBe('time_used_up');
    },
  );

  it('is left out for somebody who had all of it today', async () => {
    const { billing, clock, conversation, line, run } = fakeCall({
      ownedSeconds: 10,
      settings: { ...settings, deskSecondsPerDay: 360 },
    });
    billing.deskMs = 350_000;
    await run();
    await clock.advance(10_000);
    expect(line.of('desk')).toEqual([]);
    expect(conversation.said.at(-1)).toMatch(/say goodbye.*Take care!$/);
  });

  it('is not left for the conversation by a change of roles that comes late', async () => {
    const { billing, clock, conversation, line, run } = fakeCall({ ownedSeconds: 45, settings });
    await run();
    conversation.becomeMs = 3000;
    await clock.advance(45_000);
    billing.ownedSeconds += 3600;
    await clock.advance(1000);
    // The desk is there now, when nobody wants it any more.
    await clock.advance(2500);
    expect(line.of('resumed')).toEqual([]);
    await clock.advance(1000);
    expect(line.of('resumed')).toHaveLength(1);
  });

  it('lets the same conversation go on within a second of a payment', async () => {
    const { billing, call, clock, conversation, line } = await atTheDesk();
    await clock.advance(20_300);
    billing.ownedSeconds += 3600;
    await clock.advance(1000);
    expect(conversation.role).toBe('assistant');
    expect(conversation.said.at(-1)).toBe('Thank you! You have 1 hour now. Where were we?');
    expect(line.of('resumed')).toMatchObject([{ remaining_seconds: 3600 }]);
    expect(line.of('meter').at(-1)?.state).toBe('running');
    await clock.advance(10_000);
    expect(call.meter?.usedMs()).toBeGreaterThan(54_000);
    expect(call.meter?.usedMs()).toBeLessThanOrEqual(55_300);
    await clock.advance(60_000);
    expect(line.hangUps).toBe(0);
    line.become('left');
    await clock.advance(0);
    const [settlement] = billing.settlements;
    const desk = settlement?.windows.find(({ reason }) => reason === 'desk');
    expect(desk?.billed).toBe(false);
    expect((desk?.to_ms ?? 0) - (desk?.from_ms ?? 0)).toBeGreaterThan(20_000);
    expect(billedMs(settlement?.windows ?? [])).toBe(settlement?.usedMs);
  });

  it('opens again when the new time is used up, too', async () => {
    const { billing, clock, conversation, line } = await atTheDesk();
    billing.ownedSeconds += 70;
    await clock.advance(1000);
    await clock.advance(71_000);
    expect(line.of('desk')).toHaveLength(2);
    expect(conversation.role).toBe('desk');
    // What the thanks have just said is not said again, but the next warning is due.
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([60]);
  });

  it('is left by a goodbye, without waiting for its end', async () => {
    const { call, clock, conversation, end } = await atTheDesk();
    await clock.advance(5000);
    call.sayGoodbye();
    await clock.advance(conversation.goodbyeMs);
    expect(conversation.said.at(-1)).toBe('Goodbye, and thank you for calling.');
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 45_000, chargedSeconds: 45 });
  });

  it('is not left for the conversation by somebody who says goodbye on the way', async () => {
    const { billing, call, clock, conversation, line, end } = await atTheDesk();
    conversation.becomeMs = 2000;
    billing.ownedSeconds += 600;
    await clock.advance(1500);
    call.sayGoodbye();
    await clock.advance(conversation.goodbyeMs);
    expect(line.of('resumed')).toEqual([]);
    expect(conversation.said.at(-1)).toMatch(/^Goodbye/);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 45_000, chargedSeconds: 45 });
  });

  it('does not bring anybody back from the goodbye', async () => {
    const { billing, clock, conversation, end } = await atTheDesk();
    await clock.advance(91_000);
    billing.ownedSeconds += 3600;
    await clock.advance(2000);
    expect(conversation.role).toBe('desk');
    await clock.advance(2000);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 45_000, chargedSeconds: 45 });
  });

  it.each(['hangs', 'fails'])('is left out when changing the role %s', async (how) => {
    const { clock, conversation, run, end } = fakeCall({ ownedSeconds: 10, settings });
    if (how === 'fails') conversation.becomeFails = true;
    else conversation.becomeMs = Number.POSITIVE_INFINITY;
    await run();
    await clock.advance(10_000 + 4000);
    expect(conversation.said.at(-1)).toMatch(/say goodbye/);
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toEqual({ reason: 'time_used_up', usedMs: 10_000, chargedSeconds: 10 });
  });

  it('lets go politely, and unbilled, when the way back fails', async () => {
    const { billing, clock, conversation, end } = await atTheDesk();
    conversation.becomeFails = true;
    billing.ownedSeconds += 600;
    await clock.advance(1000);
    expect(conversation.said.at(-1)).toMatch(/went wrong on our side.*time is safe/);
    await clock.advance(conversation.goodbyeMs);
    expect(end()).toEqual({ reason: 'conversation_failed', usedMs: 45_000, chargedSeconds: 45 });
  });

  it('ends also with a goodbye that is never heard', async () => {
    const { clock, conversation, end } = await atTheDesk();
    conversation.goodbyeMs = Number.POSITIVE_INFINITY;
    await clock.advance(90_000 + 15_000);
    expect(end()?.reason).toBe('time_used_up');
    expect(clock.pending).toBe(0);
  });

  it('waits for a caller whose line is cut, but not longer than the grace', async () => {
    const { clock, line, end } = await atTheDesk();
    line.become('cut');
    await clock.advance(20_000);
    line.become('present');
    await clock.advance(20_000);
    expect(end()).toBeUndefined();
    line.become('cut');
    await clock.advance(30_000);
    expect(end()).toMatchObject({ reason: 'line_lost', usedMs: 45_000 });
  });

  it('resumes for a caller who is cut off, and bills them only once they are back', async () => {
    const { billing, call, clock, line } = await atTheDesk();
    line.become('cut');
    billing.ownedSeconds += 600;
    await clock.advance(10_000);
    expect(call.meter?.usedMs()).toBe(45_000);
    line.become('present');
    await clock.advance(5000);
    expect(call.meter?.usedMs()).toBe(50_000);
  });

  it('gives way to another worker', async () => {
    const { billing, clock, line, end } = await atTheDesk();
    billing.mood = 'fenced';
    await clock.advance(1000);
    expect(end()).toMatchObject({ reason: 'fenced', usedMs: 45_000 });
    expect(line.hangUps).toBe(0);
  });
});

describe('time that comes before the end', () => {
  it('is told between turns, without a desk, and the warnings are due again', async () => {
    const { billing, clock, conversation, line, run } = fakeCall({ ownedSeconds: 70, settings });
    await run();
    await clock.advance(20_000);
    billing.ownedSeconds += 600;
    await clock.advance(20_000);
    expect(conversation.said.at(-1)).toMatch(
      /^Your new time has arrived. You have 10 minutes and \d+ seconds now.$/,
    );
    await clock.advance(400_000);
    expect(line.of('warning').map(({ remaining_seconds }) => remaining_seconds)).toEqual([60, 300]);
    expect(line.of('desk')).toEqual([]);
  });

  it('is not announced when another call of the same person gives its slice back', async () => {
    const { billing, clock, conversation, run } = fakeCall({ ownedSeconds: 1000, settings });
    await run();
    await clock.advance(20_000);
    billing.ownedSeconds += 30;
    await clock.advance(60_000);
    expect(conversation.said).toHaveLength(1);
  });
});
