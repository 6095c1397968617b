/** What the page and the mails are written in: ISO 639-1, in the order in which to offer them. */
export const PAGE_LANGUAGES = ['en', 'de', 'es', 'fr'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

export const isPageLanguage = (text: string | null | undefined): text is PageLanguage =>
  PAGE_LANGUAGES.some((language) => language === text);

/** Mails that somebody can do without. All others hold a code, ask for something, or answer. */
export const MAILS = ['receipt', 'refund', 'top_up_stopped'] as const;
export type OptionalMail = (typeof MAILS)[number];
