import { useSyncExternalStore } from 'react';
import { en, type Words } from './en.ts';

export type Language = 'en';

const LOADERS: Record<Language, () => Promise<Words>> = {
  en: async () => en,
};
export const LANGUAGES = Object.keys(LOADERS) as Language[];

const current: { language: Language; words: Words } = { language: 'en', words: en };
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the page says, in the language that is chosen. */
export function useWords(): Words {
  return useSyncExternalStore(subscribe, () => current.words);
}
