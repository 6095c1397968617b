/** What people can be spoken with in, as they would look for it themselves. */
export const LOCALES = {
  'en-US': { name: 'English (US)', language: 'en' },
  'en-GB': { name: 'English (UK)', language: 'en' },
  'de-DE': { name: 'Deutsch', language: 'de' },
  'es-ES': { name: 'Español', language: 'es' },
  'fr-FR': { name: 'Français', language: 'fr' },
} as const satisfies Record<string, { name: string; language: string }>;

/** BCP 47 tag of a locale that the agent speaks. */
export type Locale = keyof typeof LOCALES;

/** ISO 639 code of a language that the agent speaks. */
export type Language = (typeof LOCALES)[Locale]['language'];

/** Every locale, in the order in which to offer them. */
export const LOCALE_TAGS = ['en-US', 'en-GB', 'de-DE', 'es-ES', 'fr-FR'] as const satisfies readonly Locale[];

/** Spoken with whoever speaks none of ours. */
export const FALLBACK_LOCALE: Locale = 'en-US';

export const languageOf = (locale: Locale): Language => LOCALES[locale].language;

/** Subtags of a locale, undefined where it is none: what people send is not always a locale. */
function parseLocale(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-'));
  } catch {
    return undefined;
  }
}

/**
 * The locale that is nearest to a BCP 47 tag: the same one, else the first of the same language, else
 * `FALLBACK_LOCALE` or, where that is none of them, the first. Takes any text.
 * @param among at least one; every locale of ours unless given
 * @example closestLocale('de-AT') === 'de-DE'
 * @example closestLocale('en-AU') === 'en-US'
 */
export function closestLocale(tag: string, among: readonly Locale[] = LOCALE_TAGS): Locale {
  const { language, region } = parseLocale(tag) ?? {};
  const same = among.filter((locale) => languageOf(locale) === language);
  const nearest = same.find((locale) => locale.endsWith(`-${region}`)) ?? same[0];
  if (nearest !== undefined || among.includes(FALLBACK_LOCALE)) return nearest ?? FALLBACK_LOCALE;
  return among[0] ?? FALLBACK_LOCALE;
}

/** Several things as one says them: "a and b". */
export const spokenList = (parts: readonly string[], locale: Locale): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts);
