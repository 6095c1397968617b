import { expect, it } from 'vitest';
import { watchStt } from '../../agent/call/conversation.ts';
import { billedMs } from '../../agent/call/windows.ts';
import { fakeCall } from './fake-call.ts';

const APOLOGY = 'Sorry, I could not think of an answer just now. Could you say that again?';

it('is free from the end of the turn that got no answer to the next answer that works', async () => {
  const { call, clock, billing, conversation, line, run, end } = fakeCall();
  await run();
  await clock.advance(20_000);
  conversation.fail(6000);
  expect(conversation.said.at(-1)).toBe(APOLOGY);
  expect(line.of('meter').at(-1)?.state).toBe('paused');
  await clock.advance(4000);
  conversation.answer();
  await clock.advance(10_000);
  line.become('left');
  await clock.advance(0);
  expect([call.meter?.usedMs(), call.meter?.restoredMs()]).toEqual([30_000, 6000]);
  expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 30_000, chargedSeconds: 24 });
  const [settlement] = billing.settlements;
  expect(settlement).toMatchObject({ usedMs: 30_000, restoredMs: 6000 });
  expect(
    settlement?.windows.map(({ reason, billed, from_ms, to_ms }) => [reason, billed, to_ms - from_ms]),
  ).toEqual([
    ['connecting', false, 300],
    ['talking', true, 14_000],
    ['provider_outage', false, 10_000],
    ['talking', true, 10_000],
  ]);
});

it('is known to the database at once, so that no crash can charge it', async () => {
  const { clock, billing, conversation, run } = fakeCall();
  await run();
  await clock.advance(16_000);
  expect(billing.reports.at(-1)).toBe(2_000);
  conversation.fail(6000);
  await clock.advance(0);
  expect([billing.reports.at(-1), billing.restored.at(-1)]).toEqual([16_000, 6000]);
});

it('goes on when the caller repeats in vain, and ends the call politely after three turns', async () => {
  const { clock, billing, conversation, run, end } = fakeCall();
  await run();
  await clock.advance(10_000);
  conversation.fail(2000);
  await clock.advance(10_000);
  conversation.fail(12_000);
  await clock.advance(10_000);
  expect(conversation.said.slice(1)).toEqual([APOLOGY, APOLOGY]);
  conversation.fail(22_000);
  await clock.advance(conversation.goodbyeMs);
  expect(conversation.said.at(-1)).toMatch(/does not work right now.*You do not pay for this.*Goodbye!/);
  expect(end()).toEqual({ reason: 'provider_outage', usedMs: 10_000, chargedSeconds: 8 });
  expect(billedMs(billing.settlements[0]?.windows ?? [])).toBe(8000);
  expect(clock.pending).toBe(0);
});

it('counts turns in a row only', async () => {
  const { clock, conversation, run, end } = fakeCall();
  await run();
  for (let turn = 0; turn < 5; turn++) {
    conversation.fail(0);
    conversation.fail(0);
    await clock.advance(1000);
    conversation.answer();
  }
  await clock.advance(60_000);
  expect(end()).toBeUndefined();
});

it('ends a call in which nothing is asked any more: a free line is not for staying', async () => {
  const { clock, conversation, run, end } = fakeCall({
    settings: { silenceAskSeconds: 3600, silenceGoodbyeSeconds: 30 },
  });
  await run();
  await clock.advance(1000);
  conversation.fail(0);
  for (let noises = 0; noises < 20 && end() === undefined; noises++) {
    await clock.advance(30_000);
    conversation.hear('noise');
  }
  expect(end()).toMatchObject({ reason: 'provider_outage', usedMs: 1000 });
});

it('lets the caller ask again for nothing, and not dictate', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(10_000);
  conversation.fail(1000);
  for (let words = 0; words < 30; words++) {
    await clock.advance(2000);
    conversation.hear('words');
  }
  expect(line.of('meter').at(-1)?.state).toBe('running');
  await clock.advance(3000);
  // The end of the first question, which is given back already; since the last word they wait again.
  conversation.fail(64_000);
  await clock.advance(5000);
  conversation.hear('words');
  await clock.advance(1000);
  line.become('left');
  await clock.advance(0);
  expect(story(billing.settlements[0]?.windows)).toEqual([
    ['connecting', false, 300],
    ['talking', true, 9000],
    ['provider_outage', false, 1000 + 22_000],
    ['talking', true, 38_000],
    ['provider_outage', false, 3000 + 6000],
  ]);
});

it('is free from the first second when nobody hears the caller before the call is open', async () => {
  const { begin, billing, clock, conversation, end } = fakeCall();
  const { events, onStt } = watchStt();
  Object.assign(conversation, { onStt });
  billing.delayMs = 200;
  begin();
  await clock.advance(50);
  events.onLost(clock.nowMs());
  await clock.advance(61_000);
  expect(end()).toMatchObject({ reason: 'provider_outage', usedMs: 0 });
});

it('is the line that is down while the caller is cut off, and still an outage when they are back', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(5000);
  conversation.fail(1000);
  line.become('cut');
  await clock.advance(2000);
  line.become('present');
  await clock.advance(3000);
  line.become('left');
  await clock.advance(0);
  expect(billing.settlements[0]?.windows.map(({ reason }) => reason)).toEqual([
    'connecting',
    'talking',
    'provider_outage',
    'line_down',
    'provider_outage',
  ]);
});

it('that comes out only at the desk is restored as well', async () => {
  const { clock, conversation, run, end, line } = fakeCall({
    ownedSeconds: 20,
    settings: { deskSeconds: 90 },
  });
  await run();
  await clock.advance(22_000);
  conversation.fail(5000);
  line.become('left');
  await clock.advance(0);
  expect(end()).toEqual({ reason: 'caller_hung_up', usedMs: 20_000, chargedSeconds: 17 });
});

it('at the desk ends the call politely, too', async () => {
  const { clock, conversation, run, end } = fakeCall({ ownedSeconds: 20, settings: { deskSeconds: 90 } });
  await run();
  await clock.advance(30_000);
  for (let turn = 0; turn < 3; turn++) conversation.fail(0);
  await clock.advance(conversation.goodbyeMs);
  expect(end()).toEqual({ reason: 'provider_outage', usedMs: 20_000, chargedSeconds: 20 });
});

it('during the goodbye is nothing to apologise for', async () => {
  const { call, clock, conversation, run, end } = fakeCall();
  await run();
  await clock.advance(5000);
  call.sayGoodbye();
  for (let turn = 0; turn < 3; turn++) conversation.fail(3000);
  await clock.advance(conversation.goodbyeMs);
  expect(conversation.said.at(-1)).toMatch(/^Goodbye/);
  expect(end()).toEqual({ reason: 'said_goodbye', usedMs: 5000, chargedSeconds: 5 });
});

const story = (
  windows: readonly { reason: string; billed: boolean; from_ms: number; to_ms: number }[] = [],
) => windows.map(({ reason, billed, from_ms, to_ms }) => [reason, billed, to_ms - from_ms]);

it('that only made an answer late is free from the question to the answer, and nobody apologises twice', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(20_000);
  conversation.answerLate(6000);
  expect(line.of('meter').at(-1)?.state).toBe('running');
  await clock.advance(10_000);
  line.become('left');
  await clock.advance(0);
  expect(conversation.said).toHaveLength(1);
  expect(story(billing.settlements[0]?.windows)).toEqual([
    ['connecting', false, 300],
    ['talking', true, 14_000],
    ['provider_outage', false, 6000],
    ['talking', true, 10_000],
  ]);
});

it('of hearing is free since the last word that was heard, and ends when it is back', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(20_000);
  conversation.loseStt(3000);
  expect(line.of('meter').at(-1)?.state).toBe('paused');
  await clock.advance(5000);
  conversation.loseStt(undefined);
  await clock.advance(10_000);
  line.become('left');
  await clock.advance(0);
  expect(story(billing.settlements[0]?.windows)).toEqual([
    ['connecting', false, 300],
    ['talking', true, 17_000],
    ['provider_outage', false, 8000],
    ['talking', true, 10_000],
  ]);
});

it('of hearing gives back nothing that the agent said in it: a hum may bring it about', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(10_000);
  conversation.hear('agent_busy');
  await clock.advance(5000);
  conversation.hear('agent_quiet');
  await clock.advance(1000);
  conversation.loseStt(6500);
  line.become('left');
  await clock.advance(0);
  expect(billing.settlements[0]).toMatchObject({ usedMs: 16_000, restoredMs: 500 + 1000 });
});

it('of hearing goes on when an answer is heard in the middle of it', async () => {
  const { clock, billing, conversation, line, run } = fakeCall();
  await run();
  await clock.advance(10_000);
  conversation.loseStt(0);
  conversation.fail(0);
  conversation.answer();
  await clock.advance(5000);
  line.become('left');
  await clock.advance(0);
  // What the answer took was heard, and is billed.
  const ANSWER_MS = 300;
  expect(story(billing.settlements[0]?.windows).slice(-2)).toMatchObject([
    ['talking', true, 10_000 + ANSWER_MS],
    ['provider_outage', false, 5000 - ANSWER_MS],
  ]);
});

it('of hearing that does not end ends the call, and asks nobody whether they are there', async () => {
  const { clock, conversation, run, end } = fakeCall({
    settings: { silenceAskSeconds: 10, silenceGoodbyeSeconds: 10 },
  });
  await run();
  await clock.advance(5000);
  conversation.loseStt(0);
  await clock.advance(29_999);
  expect(conversation.said).toHaveLength(1);
  await clock.advance(1 + conversation.goodbyeMs);
  expect(end()).toMatchObject({ reason: 'provider_outage', usedMs: 5000 });
  expect(clock.pending).toBe(0);
});

it('has its words prepared: the greeting when the call opens, the others when it was heard', async () => {
  const { begin, clock, conversation } = fakeCall({ presence: 'awaited' });
  begin();
  await clock.advance(5000);
  expect(conversation.prepared).toEqual([expect.stringMatching(/^Hello.*You have 1 hour/)]);
});

it('bills the answers to what is typed while nothing that is said arrives, and nothing else', async () => {
  const { call, clock, conversation, run } = fakeCall();
  await run();
  await clock.advance(9_700);
  conversation.loseStt(0);
  await clock.advance(3_000);
  expect(call.meter?.chargedMs()).toBe(9_700);
  conversation.hear('agent_busy');
  conversation.answer();
  await clock.advance(4_000);
  conversation.hear('agent_quiet');
  await clock.advance(6_000);
  // What the agent says by itself is no answer.
  conversation.hear('agent_busy');
  await clock.advance(2_000);
  conversation.hear('agent_quiet');
  expect(call.meter?.chargedMs()).toBe(13_700);
});
