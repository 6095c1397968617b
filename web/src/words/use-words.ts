import { en, type Words } from './en.ts';

/** What the page says: all of it comes from a catalogue, so that there can be others. */
export const useWords = (): Words => en;
