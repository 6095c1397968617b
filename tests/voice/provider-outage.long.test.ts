import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSpokenCall } from '../agent/spoken-call.ts';
import { until } from '../agent/worker-process.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { giveTime, violations } from '../time/people.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from './voice-stack.ts';

let stack: VoiceStack;
let db: TestDatabase;
let proxy: Awaited<ReturnType<typeof startCuttableProxy>>;
beforeAll(async () => {
  [stack, db] = await Promise.all([startVoiceStack(), createTestDatabase()]);
  proxy = await startCuttableProxy(Number(new URL(stack.speech.url).port));
});
afterAll(async () => {
  proxy.close();
  await stack.close();
  await db.close();
});

it('a voice that fails is free from the question to the next answer, and the call goes on', async () => {
  const person = await db.signUp();
  await giveTime(db.sql, person.id, 3600);
  const config = stack.config(db, { OPENAI_TTS_BASE_URL: `http://127.0.0.1:${proxy.port}/v1` });
  const { call, caller, callId, ended, say, hearUntil } = await startSpokenCall(
    config,
    stack.models,
    person.id,
  );
  await hearUntil(/mind ?bot/i);
  proxy.refuse();
  await say('How much time do I have left?');
  const askedAtMs = call.meter?.usedMs() ?? 0;
  await until('the outage is noticed', () => (call.meter?.restoredMs() ?? 0) > 0);
  const restoredMs = call.meter?.restoredMs() ?? 0;
  proxy.restore();
  await hearUntil(/say that again/i);
  await say('How much time do I have left?');
  await hearUntil(/59 minutes|fifty[- ]nine minutes/i);
  await caller.hangUp();
  const { usedMs, chargedSeconds } = await ended;
  const receipt = await readReceipt(db, callId);
  console.log(
    'outage',
    receipt.story,
    receipt.lengthsMs,
    `used ${usedMs}, restored ${receipt.restored_ms} ms`,
  );
  expect(receipt.story).toEqual([
    'connecting free',
    'talking billed',
    'provider_outage free',
    'talking billed',
  ]);
  // Voice activity ends a little after the last word.
  expect(receipt.lengthsMs[1]).toBeLessThan(askedAtMs + 1000);
  expect(receipt.restored_ms).toBe(restoredMs);
  expect(chargedSeconds).toBe(Math.floor((usedMs - restoredMs) / 1000));
  expect(await violations(db.sql)).toEqual([]);
});
