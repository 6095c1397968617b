import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sentences } from '../../agent/sentences/sentences.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import { LOCALE_TAGS } from '../../shared/spoken/locales.ts';
import { durationsIn, expectReady, expectTranslated, type Samples, twoDurations } from './check-sentences.ts';

/** Every sentence there is, by name, with what may be said in it. Those of the tools are tested with the tools. */
function everySentence(sentences: Sentences, seconds: number): Samples {
  const { faults, goodbyes, ...rest } = sentences;
  const said: Samples = {
    greeting: rest.greeting(seconds, 0),
    'greeting with an expiry': rest.greeting(seconds, seconds),
    expiresSoon: rest.expiresSoon(seconds),
    warning: rest.warning(seconds),
    timeAdded: rest.timeAdded(seconds),
    deskOpens: rest.deskOpens(seconds),
    thanksForTime: rest.thanksForTime(seconds),
    owed: rest.owed(seconds),
    ...faults,
    ...goodbyes,
  };
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === 'string') said[name] = value;
  }
  const names = Object.keys(rest).filter((name) => said[name] === undefined);
  if (names.length > 0) throw new Error(`add to everySentence: ${names.join(', ')}`);
  return said;
}

describe.each(LOCALE_TAGS)('in %s', (locale) => {
  const sentences = sentencesFor(locale);

  it('nothing is left over in any sentence, whatever the figures', () => {
    fc.assert(
      fc.property(fc.nat(500_000), (seconds) => {
        for (const [name, text] of Object.entries(everySentence(sentences, seconds))) expectReady(text, name);
      }),
      { numRuns: 50 },
    );
  });

  it('time is what it was meant to be, in each sentence that tells it', () => {
    fc.assert(
      fc.property(twoDurations, ([a, b]) => {
        const heard = (text: string) => durationsIn(text, locale);
        expect(heard(sentences.greeting(a, b))).toEqual([a, b]);
        expect(heard(sentences.expiresSoon(a))).toEqual([a]);
        const { warning, timeAdded, deskOpens, thanksForTime, owed } = sentences;
        for (const say of [warning, timeAdded, deskOpens, thanksForTime, owed])
          expect(heard(say(a))).toEqual([a]);
      }),
      { numRuns: 100 },
    );
  });
});

it('no language says what another says: nothing was left untranslated', () => {
  expectTranslated((locale) => everySentence(sentencesFor(locale), 62));
});
