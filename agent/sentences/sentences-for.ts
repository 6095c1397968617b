import { spokenDuration } from '../../shared/spoken/duration.ts';
import { type Language, type Locale, languageOf } from '../../shared/spoken/locales.ts';
import { spokenPrice } from '../../shared/spoken/price.ts';
import { english } from './english.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import type { Sentences, SpokenFigures } from './sentences.ts';
import { spanish } from './spanish.ts';

const LANGUAGES: Record<Language, (figures: SpokenFigures) => Sentences> = {
  en: english,
  de: german,
  es: spanish,
  fr: french,
};

/** Durations, prices and counts as they are said to somebody with that locale. */
export const spokenFigures = (locale: Locale): SpokenFigures => ({
  duration: (seconds) => spokenDuration(seconds, locale),
  price: (amount, currency) => spokenPrice(amount, currency, locale),
  count: (things) => new Intl.NumberFormat(locale).format(things),
});

/** What the agent says by itself to somebody with that locale. */
export const sentencesFor = (locale: Locale): Sentences =>
  LANGUAGES[languageOf(locale)](spokenFigures(locale));
