import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences, durationsIn } from '../../../tests/languages/check-sentences.ts';
import checkTimeBalance from './tool.ts';

checkSentences(checkTimeBalance, (say, seconds) => ({ left: say.left(seconds) }));

it('tells what is left, brought up to date', async () => {
  let left = 2846;
  const meter = {
    chargedMs: () => 754_900,
    remainingSeconds: () => left,
    expiringSeconds: () => 0,
    async renew() {
      left = 2800;
    },
  };
  expect(await useTool(checkTimeBalance, {}, callContext({ meter: () => meter }))).toEqual({
    speech: 'You have 46 minutes and 40 seconds left.',
    expiring_seconds: 0,
    remaining_seconds: 2800,
    used_in_this_call_seconds: 754,
  });
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
