import { useSyncExternalStore } from 'react';
import { isLanguage, type Language, localeOf, nearestLanguage } from './languages.ts';
import { loadAllWanted, loadWords } from './load-words.ts';
import type { Catalogue } from './words.ts';

/** Where the language that was chosen in this browser is kept. */
const KEY = 'mindbot.language';

let current: Language = 'en';
let locale = 'en';
let asked = 0;
const listeners = new Set<() => void>();

/** What was chosen here, else the first language of the browser that the page has. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(KEY);
  return isLanguage(chosen) ? chosen : nearestLanguage(navigator.languages);
}

/** Shows the page in a language, once its words are there; the newest wish holds. Rejects when they cannot be loaded. */
export async function showLanguage(language: Language): Promise<void> {
  asked += 1;
  const turn = asked;
  await loadAllWanted(language);
  if (turn !== asked) return;
  current = language;
  locale = localeOf(language, navigator.languages);
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/** The same for who has chosen, and for their next visits. */
export async function chooseLanguage(language: Language): Promise<void> {
  await showLanguage(language);
  localStorage.setItem(KEY, language);
}

/** Loads, in the language that the page is shown in, what a room is about to say. */
export async function loadWordsOf(catalogues: readonly Catalogue[]): Promise<void> {
  await Promise.all(catalogues.map((catalogue) => loadWords(current, catalogue)));
}

/** The locale that numbers, dates and money are written in. */
export const currentLocale = (): string => locale;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The language that the page is shown in. */
export const useLanguage = (): Language => useSyncExternalStore(subscribe, () => current);
