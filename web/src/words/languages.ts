/** Languages of the page, each by the name that its speakers know. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', es: 'Español', fr: 'Français' } as const;

export type Language = keyof typeof LANGUAGES;

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value);

/** Of a BCP 47 tag such as `de-CH` its language, and '' of what is no tag: what browsers and people send may be anything. */
function languageOf(tag: string): string {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return '';
  }
}

/** The first of the reader's languages that the page has, else English. */
export function nearestLanguage(tags: readonly string[]): Language {
  return tags.map(languageOf).find(isLanguage) ?? 'en';
}

/** How numbers, dates and money are written: as the reader's own region writes that language, where it is known. */
export function localeOf(language: Language, tags: readonly string[]): string {
  return tags.find((tag) => languageOf(tag) === language) ?? language;
}
