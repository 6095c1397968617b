import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spokenFigures } from '../../agent/sentences/sentences-for.ts';
import type { SentencesIn } from '../../agent/tools/define-tool.ts';
import { LOCALE_TAGS, type Locale, languageOf } from '../../shared/spoken/locales.ts';
import { secondsHeard } from './read-aloud.ts';

/** Texts by name, made of the sentences of one language with what may be said in them. */
export type Samples = Record<string, string>;

/** Whether a text can be spoken as it is. */
export function expectReady(text: string, name: string): void {
  expect(text, name).not.toMatch(/undefined|null|NaN|\[object|[{}$<>*_#]| {2}|^\s|\s$/);
  expect(text, name).toMatch(/^[¿¡]?\p{Lu}.*[.!?]$/u);
}

/** Whether each language says something else: nothing was left untranslated. */
export function expectTranslated(samplesIn: (locale: Locale) => Samples): void {
  const english = samplesIn('en-US');
  for (const locale of ['de-DE', 'es-ES', 'fr-FR'] as const) {
    const samples = samplesIn(locale);
    for (const [name, text] of Object.entries(samples)) expect(text, name).not.toBe(english[name]);
  }
}

/** A stretch of time in a sentence, up to the next word or sign that does not belong to it. */
const DURATIONS: Record<string, RegExp> = {
  en: /\d+ (?:hour|minute|second)s?(?: and \d+ (?:minute|second)s?)?/g,
  de: /\d+ (?:Stunde|Minute|Sekunde)n?(?: und \d+ (?:Minute|Sekunde)n?)?/g,
  es: /\d+ (?:hora|minuto|segundo)s?(?: y \d+ (?:minuto|segundo)s?)?/g,
  fr: /\d+ (?:heure|minute|seconde)s?(?: et \d+ (?:minute|seconde)s?)?/g,
};

/** The stretches of time that a listener hears in a text, in seconds. */
export const durationsIn = (text: string, locale: Locale): number[] =>
  (text.match(DURATIONS[locale.slice(0, 2)] ?? /$^/) ?? []).map((words) => secondsHeard(words, locale));

/** Two stretches of time of less than an hour, which are said to the second. */
export const twoDurations = fc.tuple(fc.integer({ min: 1, max: 3599 }), fc.integer({ min: 1, max: 3599 }));

/**
 * Declares the tests that every tool's sentences pass: in each locale each of them can be spoken as it is, whatever
 * the figures, and in each language it says something else.
 * @param samplesOf every sentence of the tool, by name, with a figure of 0 to 500,000 in it
 */
export function checkSentences<Said>(
  { sentences }: { sentences: SentencesIn<Said> },
  samplesOf: (say: Said, figure: number) => Samples,
): void {
  const sayIn = (locale: Locale) => sentences[languageOf(locale)](spokenFigures(locale));
  test.each(LOCALE_TAGS)('its sentences can be spoken in %s', (locale) => {
    fc.assert(
      fc.property(fc.nat(500_000), (figure) => {
        for (const [name, text] of Object.entries(samplesOf(sayIn(locale), figure))) expectReady(text, name);
      }),
      { numRuns: 50 },
    );
  });
  test('its sentences are in every language', () => {
    expectTranslated((locale) => samplesOf(sayIn(locale), 62));
  });
}
