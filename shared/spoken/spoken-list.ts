import type { Locale } from './locales.ts';

/** Several things as one says them: "a and b". */
export const spokenList = (parts: readonly string[], locale: Locale): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts);
