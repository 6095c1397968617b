import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { loadWordsOf } from './language.ts';
import type { Catalogue } from './words.ts';

/** A room as a chunk of its own, loaded at the same time as what it says. */
export function lazyRoom<P>(
  catalogues: readonly Catalogue[],
  load: () => Promise<{ default: ComponentType<P> }>,
): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [room] = await Promise.all([load(), loadWordsOf(catalogues)]);
    return room;
  });
}
