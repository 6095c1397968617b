import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fakeCall } from './fake-call.ts';

/** How long it takes until a dead line is noticed. */
const NOTICED_AFTER_MS = 5_000;
const HUSH_MS = 1_000;

/** What a client does that knows when the next report is due, so long before it. */
type Trick = { how: 'stops its packets' | 'mutes' | 'hangs up'; earlyMs: number; afterMs: number };
const trick: fc.Arbitrary<Trick> = fc.record({
  how: fc.constantFrom('stops its packets', 'stops its packets', 'mutes', 'hangs up'),
  earlyMs: fc.integer({ min: 0, max: 3_000 }),
  afterMs: fc.integer({ min: 400, max: 8_000 }),
});

/** Plays a call in which the agent speaks as long as the caller is there. @returns what was heard of it, and charged */
async function play(tricks: readonly Trick[], owned: number) {
  const { billing, clock, conversation, line, run, end } = fakeCall({ ownedSeconds: owned });
  await run();
  let heardMs = 0;
  const listen = async (ms: number, isHeard = true) => {
    if (isHeard) conversation.hear('agent_busy');
    await clock.advance(ms);
    if (isHeard) conversation.hear('agent_quiet');
    if (isHeard && end() === undefined) heardMs += ms;
  };
  // Reports are due 2 s after the first word, and each half slice from then on.
  let dueMs = 2_000;
  let atMs = 0;
  for (const { how, earlyMs, afterMs } of tricks) {
    await listen(Math.max(0, dueMs - earlyMs - atMs));
    atMs = Math.max(atMs, dueMs - earlyMs);
    dueMs += 15_000;
    if (how === 'hangs up') break;
    if (how === 'stops its packets') {
      const stoppedAtMs = clock.nowMs();
      await listen(NOTICED_AFTER_MS);
      line.become('cut', stoppedAtMs);
      await listen(afterMs, false);
      line.become('present');
    } else await listen(afterMs);
    atMs += how === 'mutes' ? afterMs : NOTICED_AFTER_MS;
  }
  line.become('left');
  await clock.advance(1_000);
  const [settlement] = billing.settlements;
  return { heardMs, chargedMs: (settlement?.usedMs ?? 0) - (settlement?.restoredMs ?? 0), end: end() };
}

it('what was heard is charged, whatever the client does just before each report', async () => {
  const property = fc.asyncProperty(fc.array(trick, { minLength: 1, maxLength: 8 }), async (tricks) => {
    const { heardMs, chargedMs, end } = await play(tricks, 3600);
    expect(end?.reason).toBe('caller_hung_up');
    expect(chargedMs).toBeGreaterThanOrEqual(heardMs - HUSH_MS);
  });
  await fc.assert(property, { numRuns: 200 });
});
