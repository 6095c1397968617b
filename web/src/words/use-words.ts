import { use } from 'react';
import { useLanguage } from './language.ts';
import { loadedWords, loadWords } from './load-words.ts';
import type { Catalogue, Words } from './words.ts';

/** What the page says, in the language it is shown in. Where a catalogue is not there yet, the room waits for it. */
export function useWords<C extends Catalogue>(catalogue: C): Words[C] {
  const language = useLanguage();
  return loadedWords(language, catalogue) ?? use(loadWords(language, catalogue));
}

/** The same for what must be said even if its words cannot be loaded: undefined then. */
export function useWordsIfThere<C extends Catalogue>(catalogue: C): Words[C] | undefined {
  return loadedWords(useLanguage(), catalogue);
}
