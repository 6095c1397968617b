import { ALPHABET, CODE_LENGTH, GROUP_LENGTH, passesCheck } from './code.ts';
import { plainSymbols } from './look-alikes.ts';

/** More than the whole message that a code came in. */
export const MOST_CHARACTERS = 4000;

/**
 * What a character outside the alphabet may have been mistaken for. Harmless to try: a single wrong character never
 * passes the check, so a wrong replacement of one is a slip as it was before.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '0': 'Q',
  '1': 'L7',
  A: '4',
  B: '8',
  E: 'F',
  G: '6',
  I: 'L',
  O: 'Q',
  T: '7',
  V: 'Y',
  Z: '2',
};
/** Nobody mistakes more: beyond it, some reading would pass the check by chance. */
const MOST_LOOK_ALIKES = 3;

/** Letters and digits without a gap, as they stand in a code, and their place in the text. */
type Word = { symbols: string; start: number; end: number };

/** A code that stands in a text. */
export type FoundCode = { code: string; start: number; end: number };

/**
 * What keeps a text from being a code. `group` is 0 to 2.
 * - `none`: nothing that looks like one
 * - `several`: more than one
 * - `group_length`: a group that is too short or too long
 * - `length`: too few or too many characters in all, in no groups of four
 * - `symbol`: a character that is in no code
 * - `check`: twelve characters of ours, of which one is wrong or two are swapped
 */
type CodeSlip =
  | { kind: 'none' | 'several' | 'check' }
  | { kind: 'group_length'; group: number; length: number }
  | { kind: 'length'; length: number }
  | { kind: 'symbol'; group: number; symbol: string };

/** A byte of an address, a character named in HTML, or any other character. */
const PIECE = /%(?:25)*[\da-f]{2}|&#?[a-z\d]{1,8};|./gisu;

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  for (const { 0: piece, index } of text.matchAll(PIECE)) {
    const symbols = /^[%&]./s.test(piece) ? null : plainSymbols(piece);
    if (symbols === null) word = undefined;
    else if (symbols !== '') {
      if (word === undefined) {
        word = { symbols: '', start: index, end: index };
        words.push(word);
      }
      word.symbols += symbols;
      word.end = index + piece.length;
    }
  }
  return words;
}

const joined = (words: readonly Word[]) => words.map(({ symbols }) => symbols).join('');
const foreignOf = (symbols: string) => [...symbols].filter((symbol) => !ALPHABET.includes(symbol));

/** The one code among all that twelve characters may mean; null when none passes its check, or more than one. */
function resolve(symbols: string): string | null {
  if (foreignOf(symbols).length > MOST_LOOK_ALIKES) return null;
  let readings = [''];
  for (const symbol of symbols) {
    const choices = ALPHABET.includes(symbol) ? symbol : (LOOK_ALIKES[symbol] ?? '');
    readings = readings.flatMap((head) => [...choices].map((choice) => head + choice));
  }
  const [first, ...others] = readings.filter(passesCheck);
  return first !== undefined && others.length === 0 ? first : null;
}

type Candidate = FoundCode & { doubt: number; isEven: boolean };

/** Whether the same stands between all words of a stretch, as between the groups of one code, and not of two. */
function hasEvenGaps(words: readonly Word[], text: string): boolean {
  const gaps = words.slice(1).map((word, i) => text.slice(words[i]?.end, word.start));
  return new Set(gaps).size < 2;
}

/** Every stretch of words that makes a code. Words of other sizes than a code has are doubted more than look-alikes. */
function candidatesOf(text: string): Candidate[] {
  const words = wordsOf(text);
  const found: Candidate[] = [];
  for (let from = 0; from < words.length; from++) {
    for (let to = from + 1, length = 0; to <= words.length && length < CODE_LENGTH; to++) {
      length += words[to - 1]?.symbols.length ?? 0;
      if (length !== CODE_LENGTH) continue;
      const stretch = words.slice(from, to);
      const symbols = joined(stretch);
      const foreign = foreignOf(symbols).length;
      const isShaped = to === from + 1 || stretch.every((word) => word.symbols.length === GROUP_LENGTH);
      const isAll = stretch.length === words.length;
      // Three words of a sentence may pass by chance, where their letters are taken for others.
      const code = isShaped || isAll || foreign === 0 ? resolve(symbols) : null;
      const [first, last] = [stretch[0], stretch.at(-1)];
      if (code === null || !first || !last) continue;
      const doubt = (isShaped ? 0 : CODE_LENGTH) + foreign;
      found.push({ code, start: first.start, end: last.end, doubt, isEven: hasEvenGaps(stretch, text) });
    }
  }
  return found;
}

/** The codes that are least in doubt: one, or several to choose from. */
function best(candidates: readonly Candidate[]): Candidate[] {
  const least = Math.min(...candidates.map(({ doubt }) => doubt));
  const doubted = candidates.filter(({ doubt }) => doubt === least);
  // The end of one code and the beginning of the next pass the check by chance, once in nineteen times.
  const even = doubted.filter(({ isEven }) => isEven);
  const likely = even.length > 0 ? even : doubted;
  return likely.filter(({ code }, i) => likely.findIndex((other) => other.code === code) === i);
}

/**
 * Reads what a person typed or pasted: a code however it is written, also inside a sentence, a link or the message that
 * brought it. A character that is in no code is taken for what it looks like, where only one reading passes the check.
 * @returns 12 characters, or null for what cannot be a code
 */
export function readActivationCode(input: string): string | null {
  const [first, ...others] = best(candidatesOf(input.slice(0, MOST_CHARACTERS)));
  return first !== undefined && others.length === 0 ? first.code : null;
}

/** Every code that stands in a text beyond doubt, in the order of the text: none of its characters is guessed. */
export function findActivationCodes(text: string): FoundCode[] {
  const found: FoundCode[] = [];
  for (const { code, start, end, doubt } of candidatesOf(text)) {
    const isCertain = doubt % CODE_LENGTH === 0;
    if (isCertain && start >= (found.at(-1)?.end ?? 0)) found.push({ code, start, end });
  }
  return found;
}

/** The groups that somebody meant for a code: three of about four characters, or all there is, cut by four. */
function groupsMeant(words: readonly Word[]): string[] | undefined {
  const isNear = (length: number, most: number) => Math.abs(length - GROUP_LENGTH) <= most;
  // The last ones: what a code is introduced by stands before it.
  for (let from = words.length - 3; from >= 0; from--) {
    const three = words.slice(from, from + 3).map(({ symbols }) => symbols);
    const whole = three.filter(({ length }) => length === GROUP_LENGTH).length;
    if (whole >= 1 && three.every(({ length }) => isNear(length, whole === 1 ? 1 : 3))) return three;
  }
  const near = (symbols: string) => Math.abs(symbols.length - CODE_LENGTH) <= GROUP_LENGTH;
  const meant = words.map(({ symbols }) => symbols).findLast(near) ?? joined(words);
  return near(meant) ? (meant.match(/.{1,4}/gsu) ?? undefined) : undefined;
}

/** Why `readActivationCode` reads no code in a text, as exactly as can be known. */
function findSlip(input: string): CodeSlip {
  const text = input.slice(0, MOST_CHARACTERS);
  if (best(candidatesOf(text)).length > 1) return { kind: 'several' };
  const words = wordsOf(text);
  const groups = groupsMeant(words);
  if (groups === undefined) return { kind: 'none' };
  const symbols = groups.join('');
  if (groups.length === 3) {
    const group = groups.findIndex(({ length }) => length !== GROUP_LENGTH);
    const length = groups[group]?.length;
    // Cut by us, all but the last are whole: which of them lacks something nobody knows.
    const isCut = words.some((word) => word.symbols === symbols);
    if (length !== undefined && !isCut) return { kind: 'group_length', group, length };
  }
  if (symbols.length !== CODE_LENGTH) return { kind: 'length', length: symbols.length };
  const foreign = foreignOf(symbols);
  const unknown = foreign.find((symbol) => LOOK_ALIKES[symbol] === undefined);
  const symbol = unknown ?? (foreign.length > MOST_LOOK_ALIKES ? foreign[0] : undefined);
  if (symbol === undefined) return { kind: 'check' };
  return { kind: 'symbol', group: Math.floor(symbols.indexOf(symbol) / GROUP_LENGTH), symbol };
}

const ORDINALS = ['first', 'second', 'third'];
const characters = (count: number) => `${count} ${count === 1 ? 'character' : 'characters'}`;

/**
 * What is wrong with what somebody typed or pasted, and in which group of four, as far as that can be known.
 * @returns sentences for the person; null for what is a code
 */
export function slipWords(input: string): string | null {
  if (readActivationCode(input) !== null) return null;
  const slip = findSlip(input);
  switch (slip.kind) {
    case 'none':
      return 'There is no code in this. A code has three groups of four characters, such as XXXX-XXXX-XXXX.';
    case 'several':
      return 'There is more than one code in this. Enter one at a time.';
    case 'group_length':
      return `The ${ORDINALS[slip.group]} group has ${characters(slip.length)} instead of four. Compare it with the code you were given.`;
    case 'length':
      return `A code has twelve characters; here are ${slip.length}. Compare it, group by group, with the code you were given.`;
    case 'symbol':
      return `“${slip.symbol}” in the ${ORDINALS[slip.group]} group is in no code. Compare this group with the code you were given.`;
    case 'check':
      return 'One character is wrong, or two are swapped; which group it is in cannot be told. Compare all three with the code you were given.';
  }
}
