import { ALPHABET } from '../activation-codes/code.ts';
import { plainSymbols } from '../activation-codes/look-alikes.ts';
import { readForeignNumber } from './foreign-numbers.ts';
import { BETWEEN, nearestSpellingWord, SURE, UNSURE } from './spoken-symbols.ts';

/**
 * A piece of what was said, with its place in the text.
 * - `symbols`: characters of a code, upper case, perhaps some that are in no code
 * - `between`: a word that may stand between them
 * - `group`: names a group of the code, 0 to 2
 * - `word`: anything else
 */
export type Piece = {
  kind: 'symbols' | 'between' | 'group' | 'word';
  start: number;
  end: number;
  symbols: string;
  /** False for a word of every day that may mean a symbol. */
  sure: boolean;
  group: number;
};

type Word = { text: string; start: number; end: number };
type Reading = { words: number } & Partial<Omit<Piece, 'start' | 'end'>>;

const ORDINALS: Readonly<Record<string, number>> = { first: 0, second: 1, third: 2, last: 2, middle: 1 };
const CARDINALS: Readonly<Record<string, number>> = { one: 0, two: 1, three: 2, '1': 0, '2': 1, '3': 2 };
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3 };
const TENS = /^(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)$/;
/** "J as in Juliet". */
const AS_IN = new Set(['as in', 'like in']);

/** Letters and digits in a row: "F7K2", "729", "Mxr", but no word with vowels. */
const RUN = /^(?=.*\d)[a-z\d]{1,12}$|^[b-df-hj-np-tv-z]{2,12}$/;

const symbols = (text: string, words: number, sure = true): Reading => ({
  words,
  kind: 'symbols',
  symbols: text,
  sure,
});

function readGroup([first = '', second = '']: string[]): Reading | undefined {
  if (second === 'group' && ORDINALS[first] !== undefined)
    return { words: 2, kind: 'group', group: ORDINALS[first] };
  if (first === 'group' && CARDINALS[second] !== undefined)
    return { words: 2, kind: 'group', group: CARDINALS[second] };
  return undefined;
}

/** "J as in Juliet": the word tells more than the letter, which may be misheard. */
function readExample([letter = '', ...rest]: string[]): Reading | undefined {
  const isPair = AS_IN.has(`${rest[0]} ${rest[1]}`);
  const example = isPair ? rest[2] : rest[1];
  if (example === undefined || (!isPair && rest[0] !== 'for' && rest[0] !== 'like')) return undefined;
  const words = isPair ? 4 : 3;
  const spelled = SURE.has(example) ? example : nearestSpellingWord(example);
  if (spelled !== undefined && /^\D$/.test(SURE.get(spelled) ?? '')) {
    // "Two for Mike" is two symbols, a four between them: only a letter has an example.
    if (!isPair && letter !== spelled.charAt(0)) return undefined;
    return symbols(SURE.get(spelled) ?? '', words);
  }
  const isOwnLetter = /^[a-z]$/.test(letter) && example.startsWith(letter);
  return isPair && isOwnLetter ? symbols(letter.toUpperCase(), words) : undefined;
}

function readOne(word: string): Reading | undefined {
  const sure = SURE.get(word);
  if (sure !== undefined) return symbols(sure, 1);
  const unsure = UNSURE.get(word);
  if (unsure !== undefined) return symbols(unsure, 1, false);
  if (BETWEEN.has(word)) return { words: 1, kind: 'between' };
  if (/^[b-hj-z\d]$/.test(word) || RUN.test(word)) return symbols(word.toUpperCase(), 1);
  const foreign = readForeignNumber([word])?.digits;
  // "Un" is a filler as often as a digit that is in no code.
  if (foreign !== undefined && ALPHABET.includes(foreign)) return symbols(foreign, 1);
  const spelled = nearestSpellingWord(word);
  // "Make" is near to "Mike", and rarely meant.
  return spelled === undefined ? undefined : symbols(SURE.get(spelled) ?? '', 1, word.length > 5);
}

function readNext(words: string[]): Reading {
  const [first = '', second = ''] = words;
  if (first === 'double' && /^(you|u|w|yu)$/.test(second)) return symbols('W', 2);
  const repeats = REPEATS[first];
  const repeated = repeats === undefined ? undefined : readOne(second);
  if (repeats !== undefined && repeated?.symbols?.length === 1)
    return symbols(repeated.symbols.repeat(repeats), 2);
  if (first === 'x' && second === 'ray') return symbols('X', 2);
  if (first === 'it' && (second === 'is' || second === 'was')) return { words: 2, kind: 'between' };
  if (TENS.test(first) && !/^\d$/.test(SURE.get(second) ?? '')) return symbols(`${SURE.get(first)}0`, 1);
  return readGroup(words) ?? readExample(words) ?? readOne(first) ?? { words: 1, kind: 'word' };
}

/** A word in letters that look like ours, where all of it can be: typed codes come in those of other alphabets. */
function plainWord(word: string): string {
  const plain = [...word].map((character) => plainSymbols(character) ?? character).join('');
  return /^[A-Z\d]+$/.test(plain) ? plain : word;
}

/** Reads a text as somebody's dictation of a code, piece by piece. */
export function readSymbols(text: string): Piece[] {
  const words: Word[] = [...text.matchAll(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu)].map((match) => ({
    text: plainWord(match[0].normalize('NFKC')).toLowerCase().replace(/['’]/g, ''),
    start: match.index,
    end: match.index + match[0].length,
  }));
  const pieces: Piece[] = [];
  for (let at = 0; at < words.length; ) {
    const reading = readNext(words.slice(at, at + 4).map((word) => word.text));
    const [first, last] = [words[at], words[Math.min(at + reading.words, words.length) - 1]];
    const piece = { kind: 'word' as const, symbols: '', sure: true, group: 0, ...reading };
    pieces.push({ ...piece, start: first?.start ?? 0, end: last?.end ?? 0 });
    at += reading.words;
  }
  return pieces;
}
