import fc from 'fast-check';
import { expect, it } from 'vitest';
import { callContext, PRICING, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences, durationsIn } from '../../../tests/languages/check-sentences.ts';
import { spokenFigures } from '../../sentences/sentences-for.ts';
import estimateSessionCost from './tool.ts';

checkSentences(estimateSessionCost, (say, figure) => ({
  used: say.used(figure),
  worth: say.worth('Basic', figure, 'eur'),
}));

it('reckons by the smallest package, to whole cents', async () => {
  // 754 of the starter's 3600 seconds, at 999 cents.
  expect(await useTool(estimateSessionCost, {}, callContext({ pricing: async () => PRICING }))).toEqual({
    speech:
      'So far this call has used 12 minutes and 34 seconds of your time. At the Starter price that is about 2 dollars and 9 cents.',
    used_seconds: 754,
    remaining_seconds: 2846,
    cost_cents: 209,
    currency: 'usd',
  });
});

it('tells the time alone when nothing is for sale', async () => {
  const pricing = async () => ({ ...PRICING, packages: [] });
  expect(await useTool(estimateSessionCost, {}, callContext({ pricing }))).toMatchObject({
    speech: 'So far this call has used 12 minutes and 34 seconds of your time.',
    cost_cents: null,
  });
});

it.each(['en', 'de', 'es', 'fr'] as const)('says the time that was used in %s', (language) => {
  const locale = ({ en: 'en-US', de: 'de-DE', es: 'es-ES', fr: 'fr-FR' } as const)[language];
  const say = estimateSessionCost.sentences[language](spokenFigures(locale));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3599 }), (seconds) => {
      expect(durationsIn(say.used(seconds), locale)).toEqual([seconds]);
    }),
  );
});
