import { distance } from 'fastest-levenshtein';

/**
 * How the symbols of a code are said. What a particular recogniser makes of that by mistake is no concern of this
 * table: it belongs to that recogniser.
 */

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** ICAO spelling alphabet, of which the agent suggests the words of our symbols. */
const SPELLING_WORDS = (
  'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo ' +
  'sierra tango uniform victor whiskey xray yankee zulu'
).split(' ');

/** What else a symbol sounds like. Only those that mean nothing else may stand for a symbol by themselves. */
const SOUNDS: Readonly<Record<string, string>> = {
  '2': 'tu',
  '3': 'tree free',
  '9': 'niner',
  B: 'bee',
  C: 'cee',
  D: 'dee',
  F: 'ef eff fox foxtrott',
  G: 'gee',
  H: 'aitch haitch',
  J: 'jay juliett juliette',
  K: 'kay',
  L: 'ell elle',
  M: 'em',
  N: 'en',
  P: 'pee',
  Q: 'cue queue',
  S: 'ess',
  U: 'yu',
  V: 'vee',
  W: 'whisky doubleyou doubleu doublew',
  X: 'ex',
  Y: 'wye',
  Z: 'zee zed',
};

/** Words of every day that may be a symbol among others that surely are. */
const MAYBE: Readonly<Record<string, string>> = {
  '2': 'to too',
  '4': 'for fore',
  '8': 'ate',
  H: 'age',
  P: 'pea',
  R: 'are our',
  T: 'tea tee',
  U: 'you',
  Y: 'why',
};

const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

const byWord = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).flatMap(([symbol, words]) =>
    words.split(' ').map((word): [string, string] => [word, symbol]),
  );

/** Words that are surely a symbol, though perhaps one that is in no code: spoken word to symbol. */
export const SURE: ReadonlyMap<string, string> = new Map([
  ...SPELLING_WORDS.map((word): [string, string] => [word, word.charAt(0).toUpperCase()]),
  ...DIGITS.map((word, digit): [string, string] => [word, String(digit)]),
  ...TENS.map((word, i): [string, string] => [word, String(i + 2)]),
  ...byWord(SOUNDS),
]);

export const UNSURE: ReadonlyMap<string, string> = new Map(byWord(MAYBE));

/** Said between symbols, without being one. */
export const BETWEEN: ReadonlySet<string> = new Set(
  (
    'dash hyphen minus space then and comma dot next number letter digit capital um uh er the is its my code a i ' +
    'group activation please sorry okay ok yes well so that'
  ).split(' '),
);

/**
 * What a symbol that is in no code was probably meant to be. One each: with two to choose from, twice as many wrong
 * codes would pass their check by chance.
 */
export const MISHEARD: Readonly<Record<string, string>> = {
  A: '8',
  B: 'P',
  C: '3',
  D: 'P',
  E: '3',
  G: '3',
  I: '9',
  N: 'M',
  S: 'F',
  T: 'P',
  U: 'Q',
  V: '3',
  Z: '3',
  '1': '9',
  '5': '9',
};

/** How the agent says a symbol: a digit, or the word of the spelling alphabet. */
export function spokenSymbol(symbol: string): string {
  if (/\d/.test(symbol)) return DIGITS[Number(symbol)] ?? symbol;
  const word = SPELLING_WORDS.find((candidate) => candidate.startsWith(symbol.toLowerCase())) ?? symbol;
  return word === 'xray' ? 'X-ray' : word.charAt(0).toUpperCase() + word.slice(1);
}

/** The spelling word that was meant, where a letter or two are wrong and no other is as near. */
export function nearestSpellingWord(word: string): string | undefined {
  if (word.length < 4) return undefined;
  const allowed = word.length > 5 ? 2 : 1;
  const near = SPELLING_WORDS.filter(
    (known) => known.length > 3 && Math.abs(known.length - word.length) <= allowed,
  )
    .map((known) => ({ known, letters: distance(known, word) }))
    .filter(({ letters }) => letters <= allowed)
    .sort((a, b) => a.letters - b.letters);
  const [best, second] = near;
  return best && best.letters !== second?.letters ? best.known : undefined;
}
