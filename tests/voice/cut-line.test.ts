import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSpokenCall } from '../agent/spoken-call.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { giveTime, violations } from '../time/people.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from './voice-stack.ts';

let stack: VoiceStack;
let db: TestDatabase;
beforeAll(async () => {
  [stack, db] = await Promise.all([startVoiceStack(), createTestDatabase()]);
});
afterAll(async () => {
  await stack.close();
  await db.close();
});

/** A tenth of the time, as nothing is learned from waiting. REAL_TIME=1 waits. */
const SCALE = process.env.REAL_TIME ? 1 : 0.1;
const GRACE_SECONDS = 30 * SCALE;
const SHORT_MS = 10_000 * SCALE;
/** From a change of presence to the clock. */
const ON_THE_WAY_MS = 100;

async function call() {
  const person = await db.signUp();
  await giveTime(db.sql, person.id, 3600);
  const config = stack.config(db, { RECONNECT_GRACE_SECONDS: String(GRACE_SECONDS) });
  const spoken = await startSpokenCall(config, stack.models, person.id);
  await spoken.hearUntil(/mind ?bot/i);
  return spoken;
}

/** A machine may be late; what it bills is what it sees of the clock. */
const between = (actual: number | undefined, from: number, to: number) => {
  expect(actual).toBeGreaterThanOrEqual(from - 5);
  expect(actual).toBeLessThan(to + ON_THE_WAY_MS);
};

it(`a line cut for ${SHORT_MS} ms: the same call goes on, and the gap is free`, async () => {
  const { caller, callId, ended, say, hearUntil, setPresence } = await call();
  await say('My name is Robert.');
  await hearUntil(/nice to meet you/i);
  setPresence('cut');
  const cutAtMs = performance.now();
  await sleep(SHORT_MS);
  setPresence('present');
  const cutForMs = performance.now() - cutAtMs;
  await hearUntil(/there you are/i);
  await say('What is my name?');
  await hearUntil(/your name is/i);
  await caller.hangUp();
  const { reason, usedMs, chargedSeconds } = await ended;
  const receipt = await readReceipt(db, callId);
  console.log(
    'short cut',
    receipt.story,
    receipt.lengthsMs,
    `used ${usedMs} ms, charged ${chargedSeconds} s`,
  );
  expect(reason).toBe('caller_hung_up');
  expect(receipt.story).toEqual(['connecting free', 'talking billed', 'line_down free', 'talking billed']);
  between(receipt.lengthsMs[2], SHORT_MS, cutForMs);
  expect(usedMs).toBe((receipt.lengthsMs[1] ?? 0) + (receipt.lengthsMs[3] ?? 0));
  expect(await violations(db.sql)).toEqual([]);
});

it('a line that stays cut: the call ends, billed up to the cut', async () => {
  const { callId, ended, setPresence } = await call();
  setPresence('cut');
  const cutAtMs = performance.now();
  const { reason, usedMs, chargedSeconds } = await ended;
  const endedAfterMs = performance.now() - cutAtMs;
  setPresence('present');
  const receipt = await readReceipt(db, callId);
  console.log('long cut', receipt.story, receipt.lengthsMs, `used ${usedMs} ms, charged ${chargedSeconds} s`);
  expect(reason).toBe('line_lost');
  expect(receipt.story).toEqual(['connecting free', 'talking billed', 'line_down free']);
  expect(usedMs).toBe(receipt.lengthsMs[1]);
  between(receipt.lengthsMs[2], GRACE_SECONDS * 1000, endedAfterMs);
  expect(await violations(db.sql)).toEqual([]);
});
