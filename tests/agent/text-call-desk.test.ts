import { randomUUID } from 'node:crypto';
import { initializeLogger } from '@livekit/agents';
import { expect } from 'vitest';
import { billedMs, type Window } from '../../agent/call/windows.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { callOf, giveTime, signUpWith, violations } from '../time/people.ts';
import { createTextCall } from './start-text-call.ts';
import { testWithModel as it } from './test-with-model.ts';
import { until } from './worker-process.ts';

initializeLogger({ pretty: false, level: 'error' });

const SHORT_SLICES = { SLICE_SECONDS: '5' };

it('waits at the desk, sells there, and goes on with what it knew when time has come', async ({
  db,
  model,
}) => {
  const userId = await signUpWith(db, 3);
  const { ask, begin, callId, line, said } = await createTextCall(db, model, {
    userId,
    variables: SHORT_SLICES,
  });
  const { ended } = await begin();
  await ask('My name is Robert.');
  await until('the desk is open', () => said().at(-1)?.includes('free of charge'));
  expect(await ask('How much time do I have left?')).not.toMatch(/left\.$/);
  expect(await ask('I want to buy the starter package.')).toMatch(
    /Starter: 1 hour for 9 dollars and 99 cents/,
  );
  expect(line.of('purchase')).toMatchObject([{ package_id: 'starter' }]);
  await giveTime(db.sql, userId, 3600);
  await until('the call goes on', () => line.of('meter').at(-1)?.state === 'running');
  expect(line.of('resumed')).toMatchObject([{ remaining_seconds: 3600 }]);
  await until('the thanks are said', () => said().at(-1)?.startsWith('Thank you! You have 1 hour now.'));
  expect(await ask('What is my name?')).toMatch(/Robert/);
  expect(await ask('How much time do I have left?')).toMatch(/^You have 59 minutes.* left\./);
  line.become('left');
  const { usedMs } = await ended;
  const row = await callOf(db.sql, callId);
  expect(billedMs(row?.receipt.windows)).toBe(usedMs);
  expect(
    row?.receipt.windows.map(({ reason, billed }: Window) => `${reason} ${billed ? 'billed' : 'free'}`),
  ).toEqual(['connecting free', 'talking billed', 'desk free', 'talking billed']);
  expect(await violations(db.sql)).toEqual([]);
});

it('waits at the desk, takes an activation code there, and goes on', async ({ db, model }) => {
  const userId = await signUpWith(db, 3);
  const key = 'an activation code key for tests only, of enough length';
  const { call, line, said, session } = await createTextCall(db, model, {
    userId,
    variables: { ...SHORT_SLICES, ACTIVATION_CODE_KEY: key },
  });
  const ended = call.run();
  await until('the desk is open', () => said().at(-1)?.includes('free of charge'));
  const cardId = randomUUID();
  const code = deriveActivationCode(key, cardId);
  await db.sql`insert into grants (id, unit, source, status, paid, bonus, remaining)
    values (${cardId}, 'second', 'bonus', 'unactivated', 0, 3600, 3600)`;
  await db.sql`insert into activation_codes (card_id, code_hash)
    values (${cardId}, ${hashActivationCode(key, code)})`;
  session.run({ userInput: `I have a code: ${code}` });
  await until('it is read back', () => said().at(-1)?.includes('Shall I activate it?'));
  session.run({ userInput: 'Yes.' });
  await until('the call goes on', () => line.of('meter').at(-1)?.state === 'running');
  expect(line.of('resumed')).toMatchObject([{ remaining_seconds: 3600 }]);
  expect(JSON.stringify([session.history.items, line.messages])).not.toContain(code);
  line.become('left');
  await ended;
  expect(await violations(db.sql)).toEqual([]);
});
