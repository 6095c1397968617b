import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import forecastMonth from './tool.ts';

// What it tells of a tenant is tested beside it, in check-credits.
checkSentences(forecastMonth, (say, cents) => ({
  comes: say.comes(cents, cents + 100, 'cad'),
  notYours: say.notYours(),
  none: say.none(),
}));

it('says that a call on own time has no month', async () => {
  expect(await useTool(forecastMonth, {}, callContext())).toEqual({
    speech: 'Nothing runs by the month here: this call is on prepaid time.',
    forecast_cents: null,
  });
});
