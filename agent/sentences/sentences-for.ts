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

/** What the agent says by itself to somebody with that locale, and what its tools say. */
export function sentencesFor(locale: Locale): Sentences {
  return LANGUAGES[languageOf(locale)]({
    duration: (seconds) => spokenDuration(seconds, locale),
    price: (amount, currency) => spokenPrice(amount, currency, locale),
  });
}
