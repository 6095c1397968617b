import { readSymbols } from '../../shared/secrets/read-symbols.ts';

export type Dictated = {
  /** Upper case, in the order said; some may be in no code, because they were misheard. */
  symbols: string;
  /** The group that the caller named, 0 to 2. */
  group: number | undefined;
};

/**
 * Reads what a caller said as a part of a code.
 * @param isExpected true while a dictation is going on, in which a misheard word is likelier than talk
 * @returns null for ordinary talk: where other words outweigh the symbols, or none of them is surely one
 */
export function parseDictation(text: string, isExpected = false): Dictated | null {
  const pieces = readSymbols(text);
  const said = pieces.filter(({ kind }) => kind === 'symbols');
  const words = pieces.filter(({ kind }) => kind === 'word').length;
  const symbols = said.map((piece) => piece.symbols).join('');
  const sure = said.reduce((sum, piece) => sum + (piece.sure ? piece.symbols.length : 0), 0);
  const group = pieces.find(({ kind }) => kind === 'group')?.group;
  const isCode = sure >= words * 2 || (isExpected && symbols.length > 1 && symbols.length >= words);
  if (sure === 0 || !isCode) return null;
  return { symbols, group };
}
