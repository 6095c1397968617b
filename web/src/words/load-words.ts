import type { Language } from './languages.ts';
import type { Catalogue, Words } from './words.ts';

/** Each catalogue of each language is a chunk of its own: nobody loads what they do not read. */
const FILES = import.meta.glob<unknown>('./{en,de,es,fr}/*.ts', { import: 'default' });

const loaded = new Map<string, unknown>();
const loading = new Map<string, Promise<unknown>>();
const wanted = new Set<Catalogue>();

const nameOf = (language: Language, catalogue: Catalogue) => `./${language}/${catalogue}.ts`;

/** The words, where they are there already. */
export function loadedWords<C extends Catalogue>(language: Language, catalogue: C): Words[C] | undefined {
  return loaded.get(nameOf(language, catalogue)) as Words[C] | undefined;
}

/** Loads the words once; rejects when they cannot be loaded, and the next try asks again. */
export function loadWords<C extends Catalogue>(language: Language, catalogue: C): Promise<Words[C]> {
  wanted.add(catalogue);
  const name = nameOf(language, catalogue);
  const begun = loading.get(name) ?? load(name);
  loading.set(name, begun);
  return begun as Promise<Words[C]>;
}

async function load(name: string): Promise<unknown> {
  try {
    const file = FILES[name];
    if (file === undefined) throw new Error(`there is no catalogue ${name}`);
    const words = await file();
    loaded.set(name, words);
    return words;
  } catch (error) {
    loading.delete(name);
    throw error;
  }
}

/** Loads in another language all that was wanted so far, so that nothing has to be waited for when it is shown. */
export async function loadAllWanted(language: Language): Promise<void> {
  await Promise.all([...wanted].map((catalogue) => loadWords(language, catalogue)));
}
