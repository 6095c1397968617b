import { ALPHABET } from '../activation-codes/code.ts';
import { findActivationCodes } from '../activation-codes/read-code.ts';
import { type Piece, readSymbols } from './read-symbols.ts';

/** Stands where a code was said. To the model too: it never sees one. */
export const CODE_MARK = '[activation code]';

/** So many symbols in a row are a code, or the better part of one. */
const CODE_LIKE = 8;

/** Whether a row of symbols can be of a code, apart from a slip or two: a telephone number has other digits, too. */
export function isOfCode(symbols: string): boolean {
  const ours = [...symbols].filter((symbol) => ALPHABET.includes(symbol)).length;
  return ours * 6 >= symbols.length * 5;
}

/** Stretches of symbols with nothing but words between them that belong to a dictation. */
function runsOf(pieces: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  let run: Piece[] = [];
  for (const piece of [...pieces, undefined]) {
    if (piece && piece.kind !== 'word') {
      run.push(piece);
      continue;
    }
    const from = run.findIndex(({ kind }) => kind === 'symbols');
    const to = run.findLastIndex(({ kind }) => kind === 'symbols');
    if (from >= 0) runs.push(run.slice(from, to + 1));
    run = [];
  }
  return runs;
}

/** Where so many symbols stand in a row that they are a code, or nearly. */
function spelledIn(text: string, least: number): { start: number; end: number }[] {
  return runsOf(readSymbols(text)).flatMap((run) => {
    const symbols = run.map((piece) => piece.symbols).join('');
    const sure = run.reduce((sum, piece) => sum + (piece.sure ? piece.symbols.length : 0), 0);
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last || symbols.length < least || sure * 2 < symbols.length) return [];
    return isOfCode(symbols) ? [{ start: first.start, end: last.end }] : [];
  });
}

/**
 * Replaces what looks like an activation code, written or spelled out, whole or nearly.
 * @param least how many symbols in a row are taken for one
 */
export function maskCodes(text: string, least = CODE_LIKE): string {
  let masked = '';
  let done = 0;
  const places = [...spelledIn(text, least), ...findActivationCodes(text)].sort((a, b) => a.start - b.start);
  for (const { start, end } of places) {
    // What two ways of reading find in one place is one code.
    if (start >= done) masked += text.slice(done, start) + CODE_MARK;
    done = Math.max(done, end);
  }
  return masked + text.slice(done);
}
