import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOCALE_TAGS, languageOf } from '../../../shared/spoken/locales.ts';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences, durationsIn, twoDurations } from '../../../tests/languages/check-sentences.ts';
import { spokenFigures } from '../../sentences/sentences-for.ts';
import getSessionSummary from './tool.ts';

checkSentences(getSessionSummary, (say, seconds) => ({ summary: say.summary(seconds, seconds) }));

it('sums up the call', async () => {
  const call = callContext();
  expect(await useTool(getSessionSummary, {}, call)).toEqual({
    speech:
      'In this call you have used 12 minutes and 34 seconds, and you have 47 minutes and 26 seconds left. Only the time in which we talk is billed.',
    call_id: call.callId,
    started_at: '2026-11-20T10:00:00.000Z',
    used_seconds: 754,
    remaining_seconds: 2846,
  });
});

it.each(LOCALE_TAGS)('says both times as they are in %s', (locale) => {
  const say = getSessionSummary.sentences[languageOf(locale)](spokenFigures(locale));
  fc.assert(
    fc.property(twoDurations, ([used, left]) => {
      expect(durationsIn(say.summary(used, left), locale)).toEqual([used, left]);
    }),
  );
});
