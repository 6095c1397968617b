import { afterAll, beforeAll, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { startSpokenCall } from '../agent/spoken-call.ts';
import { until } from '../agent/worker-process.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from './voice-stack.ts';

let stack: VoiceStack;
let sidecar: TestSidecar;
beforeAll(async () => {
  [stack, sidecar] = await Promise.all([startVoiceStack(), startSidecar()]);
});
afterAll(async () => {
  await stack.close();
  await sidecar.close();
});

const OWNED_SECONDS = 30;

it('a call runs out, is topped up by a real payment, and goes on where it was', async () => {
  const { database } = sidecar;
  const person = await database.signUp();
  await giveTime(database.sql, person.id, OWNED_SECONDS);
  const { caller, callId, ended, say, hearUntil, session } = await startSpokenCall(
    stack.config(database),
    stack.models,
    person.id,
  );
  const transcript: string[] = [];
  const listenFor = async (pattern: RegExp) => {
    const text = await hearUntil(pattern);
    transcript.push(`Agent   ${text}`);
    return text;
  };
  const lastWords = () => {
    const item = session.history.items.findLast((one) => one.type === 'message' && one.role === 'assistant');
    return item?.type === 'message' ? (item.textContent ?? '') : '';
  };
  const speak = async (text: string) => {
    transcript.push(`Caller  ${text}`);
    await say(text);
  };
  const message = <Type extends string>(type: Type) =>
    caller.messages.find(
      (one): one is { type: Type; idempotency_key: string } => (one as { type: string }).type === type,
    );

  await listenFor(/30 seconds|thirty seconds/i);
  await speak('My name is Robert.');
  await listenFor(/nice to meet you/i);
  const name = /nice to meet you, (\w+)/i.exec(lastWords())?.[1];
  expect(name).toBeDefined();
  await listenFor(/time is used up.*free of charge/i);
  await speak('I want to buy the starter package.');
  await listenFor(/starter.*(1|one) hour.*(9|nine)/i);

  const key = message('purchase')?.idempotency_key;
  const { payment_intent_id } = await sidecar.begin(person, 'starter', 'me', key);
  await sidecar.pay(payment_intent_id);
  const paidAtMs = performance.now();
  await until('the call goes on', () => message('resumed'));
  const resumedMs = Math.round(performance.now() - paidAtMs);
  await listenFor(/thank you.*(1|one) hour/i);
  await speak('What is my name?');
  await listenFor(/your name is/i);
  // What the agent said, whatever the caller's ears make of a name.
  expect(lastWords()).toBe(`Your name is ${name}.`);
  await caller.hangUp();

  const { usedMs, chargedSeconds } = await ended;
  const receipt = await readReceipt(database, callId);
  console.log(
    [
      ...transcript,
      `went on ${resumedMs} ms after the payment`,
      ...receipt.story.map((what, index) => `${what} ${receipt.lengthsMs[index]} ms`),
      `charged ${chargedSeconds} s`,
    ].join('\n'),
  );
  expect(receipt.story).toEqual(['connecting free', 'talking billed', 'desk free', 'talking billed']);
  expect(receipt.lengthsMs[1]).toBe(OWNED_SECONDS * 1000);
  expect(receipt.lengthsMs[2]).toBeGreaterThan(5000);
  expect(billedMs(receipt.windows as Parameters<typeof billedMs>[0])).toBe(usedMs);
  expect(chargedSeconds).toBe(Math.floor(usedMs / 1000));
  expect(receipt.balance_seconds).toBe(OWNED_SECONDS + 3600 - (chargedSeconds ?? 0));
  await sidecar.expectSound();
});
