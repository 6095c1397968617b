import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EndReason } from '../../agent/call/call-state.ts';
import type { Presence } from '../../agent/call/line.ts';
import { billedMs } from '../../agent/call/windows.ts';
import type { Activity } from '../../agent/speech/watch-activity.ts';
import { Fault } from '../../shared/errors.ts';
import type { Mood } from './fake-billing.ts';
import { fakeCall } from './fake-call.ts';

type World = ReturnType<typeof fakeCall>;
type Step = { name: string; run: (world: World) => Promise<void> | void };

const named = (name: string, run: Step['run']): Step => ({ name, run });
const pass = (ms: number) => named(`pass ${ms} ms`, ({ clock }) => clock.advance(ms));
const stall = (ms: number) => named(`stall ${ms} ms`, ({ clock }) => clock.stall(ms));
const become = (presence: Presence) =>
  named(`caller ${presence}`, ({ line }) => {
    // Whoever has left does not come back on the same line.
    if (line.presence() !== 'left') line.become(presence);
  });
const die = (agoMs: number) =>
  named(`line dead since ${agoMs} ms`, ({ clock, line }) => {
    if (line.presence() === 'present') line.become('cut', clock.nowMs() - agoMs);
  });
const mood = (next: Mood) =>
  named(`database ${next}`, ({ billing }) => {
    billing.mood = next;
  });
const delay = (ms: number) =>
  named(`database delay ${ms} ms`, ({ billing }) => {
    billing.delayMs = ms;
  });
const voice = (ms: number) =>
  named(`voice delay ${ms} ms`, ({ conversation }) => {
    conversation.voiceMs = ms;
  });
const close = (why: 'conversation_failed' | 'job_shutdown') =>
  named(`closed: ${why}`, ({ conversation }) => conversation.end(why));
const end = (why: EndReason) => named(`end: ${why}`, ({ call }) => void call.end(why));

const fail = (agoMs: number) =>
  named(`no answer since ${agoMs} ms`, ({ conversation }) => conversation.fail(agoMs));
const answer = named('an answer', ({ conversation }) => conversation.answer());
const hear = (activity: Activity) => named(activity, ({ conversation }) => conversation.hear(activity));
const changeRole = (ms: number) =>
  named(`changing roles takes ${ms} ms`, ({ conversation }) => {
    conversation.becomeMs = ms;
  });
const buy = (seconds: number) =>
  named(`buy ${seconds} s`, ({ billing }) => {
    billing.ownedSeconds += seconds;
  });
const goodbye = named('goodbye', ({ call }) => call.sayGoodbye());

const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 15_000 }).map(pass) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map(stall) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom<Presence>('present', 'cut', 'present', 'unreachable', 'cut', 'left')
      .map(become),
  },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 30_000 }).map(die) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 30_000 }).map(fail) },
  { weight: 3, arbitrary: fc.constant(answer) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Activity>('agent_busy', 'agent_quiet', 'words', 'noise').map(hear),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 300 }).map(buy) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 6000 }).map(changeRole) },
  { weight: 1, arbitrary: fc.constant(goodbye) },
  { weight: 2, arbitrary: fc.constantFrom<Mood>('well', 'well', 'away', 'lost', 'fenced').map(mood) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20_000 }).map(delay) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5000 }).map(voice) },
  { weight: 1, arbitrary: fc.constantFrom('conversation_failed', 'job_shutdown').map(close) },
  { weight: 1, arbitrary: fc.constantFrom<EndReason>('job_shutdown', 'caller_hung_up').map(end) },
);

async function play(world: World, refused: boolean, steps: readonly Step[]): Promise<void> {
  const { clock, line, billing, call } = world;
  if (refused) billing.refusal = new Fault('no_time_left');
  world.begin();
  let lastUsedMs = 0;
  let lastRestoredMs = 0;
  for (const { run } of steps) {
    await run(world);
    const usedMs = call.meter?.usedMs() ?? 0;
    expect(usedMs).toBeGreaterThanOrEqual(lastUsedMs);
    expect(usedMs).toBeLessThanOrEqual(billing.granted * 1000);
    lastUsedMs = usedMs;
    const restoredMs = call.meter?.restoredMs() ?? 0;
    expect(restoredMs).toBeGreaterThanOrEqual(lastRestoredMs);
    expect(restoredMs).toBeLessThanOrEqual(usedMs);
    lastRestoredMs = restoredMs;
  }
  void call.end('job_shutdown');
  await clock.advance(600_000);
  const ended = world.end();
  expect(ended).toBeDefined();
  expect(clock.pending).toBe(0);
  expect(billing.settlements.length).toBeLessThanOrEqual(1);
  expect(line.of('ended').length).toBeLessThanOrEqual(1);
  expect(line.hangUps).toBeLessThanOrEqual(1);
  expect(line.of('meter').every(({ used_ms }) => used_ms <= (ended?.usedMs ?? 0))).toBe(true);
  const [settlement] = billing.settlements;
  if (refused) expect(settlement).toBeUndefined();
  const wasReached = !steps.some(({ name }) => name === 'database away' || name === 'database fenced');
  if (wasReached && call.meter !== undefined) expect(billing.settlements).toHaveLength(1);
  if (!settlement) return;
  expect(settlement.usedMs).toBe(ended?.usedMs);
  expect(settlement.usedMs).toBeLessThanOrEqual(billing.granted * 1000);
  expect(Math.max(0, ...billing.reports)).toBeLessThanOrEqual(settlement.usedMs);
  expect(billing.restored.every((restored) => restored <= settlement.restoredMs)).toBe(true);
  expect(billedMs(settlement.windows)).toBe(settlement.usedMs - settlement.restoredMs);
  // This worker's own settlement, or one that another answered for it.
  if (ended?.chargedSeconds !== undefined) {
    expect(ended.chargedSeconds).toBe(Math.floor(billedMs(settlement.windows) / 1000));
  }
  settlement.windows.forEach((window, index) => {
    expect(window.from_ms).toBe(settlement.windows[index - 1]?.to_ms ?? 0);
    if (window.reason !== 'talking') expect(window.billed).toBe(false);
  });
}

it('ends once, is billed once, within its grant, and explains every millisecond, whatever happens', async () => {
  const first = fc.constantFrom<Presence>('awaited', 'present', 'cut', 'left');
  const refused = fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0);
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 400 }),
    first,
    refused,
    fc.constantFrom(0, 90),
    fc.constantFrom(0, 45),
    fc.array(step, { maxLength: 40 }),
    (ownedSeconds, presence, isRefused, deskSeconds, silenceAskSeconds, steps) => {
      const settings = { deskSeconds, silenceAskSeconds, silenceGoodbyeSeconds: 30 };
      return play(fakeCall({ ownedSeconds, presence, settings }), isRefused, steps);
    },
  );
  await fc.assert(property, { numRuns: 1000 });
});
