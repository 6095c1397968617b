import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sentences } from '../../agent/sentences/sentences.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import { LOCALE_TAGS, type Locale } from '../../shared/spoken/locales.ts';
import { amountHeard, secondsHeard } from './read-aloud.ts';

const OFFER = { name: 'Basic', seconds: 19_800, amount: 4499, currency: 'eur' };

/** Every sentence there is, by name, with what may be said in it. */
function everySentence(sentences: Sentences, seconds: number): [string, string][] {
  const { dictation, faults, goodbyes, ...rest } = sentences;
  const said: Record<string, string[]> = {
    greeting: [rest.greeting(seconds, 0), rest.greeting(seconds, seconds)],
    warning: [rest.warning(seconds)],
    timeAdded: [rest.timeAdded(seconds)],
    deskOpens: [rest.deskOpens(seconds)],
    thanksForTime: [rest.thanksForTime(seconds)],
    balance: [rest.balance(seconds, 0), rest.balance(seconds, seconds)],
    packages: [rest.packages([OFFER, OFFER])],
    cost: [rest.cost(seconds, undefined), rest.cost(seconds, OFFER)],
    summary: [rest.summary(seconds, seconds)],
    checkout: [rest.checkout(OFFER)],
    remembered: [rest.remembered([]), rest.remembered(['a dog', 'a cat'])],
    forgetThis: [rest.forgetThis('has a dog')],
    dictation: dictation
      ? [
          dictation.ask,
          dictation.askFromStart,
          ...[0, 1, 2].map(dictation.unclear),
          ...[dictation.goOn, dictation.slip, dictation.confirm].map((say) => say('[mark]')),
          dictation.activated(true, seconds, undefined),
          dictation.activated(false, seconds, 'Congratulations'),
        ]
      : [],
    ...Object.fromEntries(Object.entries(faults).map(([code, speech]) => [code, [speech]])),
    ...Object.fromEntries(Object.entries(goodbyes).map(([reason, speech]) => [reason, [speech]])),
  };
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === 'string') said[name] = [value];
  }
  const names = Object.keys(rest).filter((name) => said[name] === undefined);
  if (names.length > 0) throw new Error(`add to everySentence: ${names.join(', ')}`);
  return Object.entries(said).flatMap(([name, texts]) => texts.map((text): [string, string] => [name, text]));
}

/** A stretch of time in a sentence, up to the next word or sign that does not belong to it. */
const DURATIONS: Record<string, RegExp> = {
  en: /\d+ (?:hour|minute|second)s?(?: and \d+ (?:minute|second)s?)?/g,
  de: /\d+ (?:Stunde|Minute|Sekunde)n?(?: und \d+ (?:Minute|Sekunde)n?)?/g,
  es: /\d+ (?:hora|minuto|segundo)s?(?: y \d+ (?:minuto|segundo)s?)?/g,
  fr: /\d+ (?:heure|minute|seconde)s?(?: et \d+ (?:minute|seconde)s?)?/g,
};
const durationsIn = (text: string, locale: Locale) =>
  (text.match(DURATIONS[locale.slice(0, 2)] ?? /$^/) ?? []).map((words) => secondsHeard(words, locale));

describe.each(LOCALE_TAGS)('in %s', (locale) => {
  const sentences = sentencesFor(locale);

  it('nothing is left over in any sentence, whatever the figures', () => {
    fc.assert(
      fc.property(fc.nat(500_000), (seconds) => {
        for (const [name, text] of everySentence(sentences, seconds)) {
          expect(text, name).not.toMatch(/undefined|null|NaN|\[object|[{}$<>*_#]| {2}|^\s|\s$/);
          expect(text, name).toMatch(/^[¿¡]?\p{Lu}.*[.!?]$|Congratulations$/u);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('time is what it was meant to be, in each sentence that tells it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3599 }), fc.integer({ min: 1, max: 3599 }), (a, b) => {
        const heard = (text: string) => durationsIn(text, locale);
        expect(heard(sentences.greeting(a, b))).toEqual([a, b]);
        expect(heard(sentences.balance(a, b))).toEqual([a, b]);
        expect(heard(sentences.balance(a, 0))).toEqual([a]);
        expect(heard(sentences.summary(a, b))).toEqual([a, b]);
        for (const say of [
          sentences.warning,
          sentences.timeAdded,
          sentences.deskOpens,
          sentences.thanksForTime,
        ]) {
          expect(heard(say(a))).toEqual([a]);
        }
        expect(heard(sentences.cost(a, OFFER))).toEqual([a]);
      }),
      { numRuns: 100 },
    );
  });

  it('a price that is said is the one in the catalogue', () => {
    const words = /\d[\d.,]* [\p{L} ]+? \p{L}+ \d+ \p{L}+|\d+ \p{L}+/u;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999_999 }),
        fc.constantFrom('usd', 'eur', 'gbp'),
        (amount, currency) => {
          const said = sentences.checkout({ ...OFFER, name: 'Basic', seconds: 3600, amount, currency });
          const [, price = ''] = / (?:for|für|por|pour) (\d.*?)\. /.exec(said) ?? [];
          expect(price).toMatch(words);
          expect(amountHeard(price, currency, locale)).toBe(amount);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('no language says what another says: nothing was left untranslated', () => {
  const [english, ...others] = (['en-US', 'de-DE', 'es-ES', 'fr-FR'] as const).map(
    (locale) => new Map(everySentence(sentencesFor(locale), 62)),
  );
  for (const other of others) {
    for (const [name, text] of other) expect(text, name).not.toBe(english?.get(name));
  }
});
