import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences, durationsIn } from '../../../tests/languages/check-sentences.ts';
import { createTestDatabase } from '../../../tests/support/database.ts';
import { buy, createBank, overSql, PRICES } from '../../../tests/time/bank.ts';
import { addPerson } from '../../../tests/time/people.ts';
import checkTimeBalance from './tool.ts';

checkSentences(checkTimeBalance, (say, seconds) => ({ left: say.left(seconds) }));

it('tells what is left, brought up to date', async () => {
  let left = 2846;
  const meter = {
    chargedMs: () => 754_900,
    remainingSeconds: () => left,
    expiringSeconds: () => 0,
    grant: { freeSeconds: 2770 },
    async renew() {
      left = 2800;
    },
  };
  expect(await useTool(checkTimeBalance, {}, callContext({ meter: () => meter }))).toEqual({
    speech: 'You have 46 minutes and 40 seconds left.',
    debt_seconds: 0,
    expiring_seconds: 0,
    remaining_seconds: 2800,
    used_in_this_call_seconds: 754,
  });
});

it('tells of a debt, which only who has nothing more can have', async () => {
  const db = await createTestDatabase();
  const bank = createBank(overSql(db.sql));
  const userId = await addPerson(db.sql);
  const { intentId } = await buy(bank, userId, 'starter');
  await bank.deduct(userId, 50);
  await bank.refund(intentId, PRICES.starter);
  const owing = callContext({ userId, database: db.service as never });
  const meter = owing.meter();
  const call = {
    ...owing,
    meter: () => meter && { ...meter, remainingSeconds: () => 20, grant: { freeSeconds: 0 } },
  };
  const answer = await useTool(checkTimeBalance, {}, call);
  expect(answer).toMatchObject({ debt_seconds: 3000, remaining_seconds: 20 });
  expect(durationsIn(answer.speech, 'en-US')).toEqual([20, 3000]);
  await db.close();
});

it('mentions what is about to expire, in the language of the caller', async () => {
  const call = callContext({ locale: 'de-DE' });
  const meter = call.meter();
  const expiring = { ...call, meter: () => meter && { ...meter, expiringSeconds: () => 600 } };
  const { speech } = await useTool(checkTimeBalance, {}, expiring);
  expect(speech).toMatch(/^Sie haben noch 47 Minuten und 26 Sekunden\. Within a week/);
  expect(durationsIn(speech.split('.')[0] ?? '', 'de-DE')).toEqual([2846]);
});

it('says sorry while the call is not open', async () => {
  await expect(useTool(checkTimeBalance, {}, callContext({ meter: () => undefined }))).rejects.toThrow(
    'I cannot reach your account right now.',
  );
});
