import { distance } from 'fastest-levenshtein';

/** How the symbols of a code are said, and how that arrives from a speech recogniser. */

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** ICAO spelling alphabet, of which the agent suggests the words of our symbols. */
const SPELLING_WORDS = (
  'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo ' +
  'sierra tango uniform victor whiskey xray yankee zulu'
).split(' ');

/** What else a symbol sounds like. Only those that mean nothing else may stand for a symbol by themselves. */
const SOUNDS: Readonly<Record<string, string>> = {
  '2': 'tu',
  '3': 'tree free fre thre',
  '6': 'sicks sixth',
  '7': 'sevens seventh',
  '8': 'ait eighth',
  '9': 'nein niner',
  B: 'bee',
  C: 'cee',
  D: 'dee',
  F: 'ef eff fox foxtrott foxtrots',
  G: 'gee',
  H: 'aitch haitch hotels',
  J: 'jay juliett juliette julia juliets',
  K: 'kay kilos killo killoe keylo',
  L: 'ell elle leema',
  M: 'em',
  N: 'en',
  P: 'pee papas poppa',
  Q: 'cue queue quebeck',
  R: 'romio',
  S: 'ess',
  U: 'yu',
  V: 'vee',
  W: 'whisky whiskeys doubleyou doubleu doublew',
  X: 'ex xrays',
  Y: 'wye yankees yanky',
  Z: 'zee zed',
};

/** Words of every day that may be a symbol among others that surely are. */
const MAYBE: Readonly<Record<string, string>> = {
  '2': 'to too do du',
  '4': 'for fore ford',
  '8': 'ate aid it at et bait',
  H: 'age each',
  P: 'pea',
  R: 'are our',
  T: 'tea tee',
  U: 'you',
  Y: 'why wise',
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

/** What recognisers make of the spelling words, one word or two, when they are spoken quickly. */
const NEAR: readonly [RegExp, string][] = [
  [/^f[aou](?:x|cks?|cs|t) (?:s?tr|dr|ch)\w*$/, 'F'],
  [/^f[aou](?:x|cks|cs|rts)\w*$/, 'F'],
  [/^bo tel$/, 'H'],
  [/^(?:j|ch|sh)\w{0,3}li\wt+e?$/, 'J'],
  [/^kill o$|^[ckg]ie?l+(?:o|ow|oe|er)$/, 'K'],
  [/^lime (?:a|it|at|and)$|^b?lim\w{1,3}$/, 'L'],
  [/^pop (?:a|it|at)$|^(?:pop|poppy|popper|pocket|parker)$/, 'P'],
  [/^(?:put|for|cue) back$|^pud[ae][ck]k?$|^[bckq]\w{0,3}be[ck]+$/, 'Q'],
  [/^r[ao]m[eiy] ?o$/, 'R'],
  [/^(?:was|with) s?key$|^with ski$|^musky$|^whisk\w*$/, 'W'],
  [/^y(?:[aeu]|ou)(?:n|m|ng) (?:k|g|key|kee|ky|ki|gi|ge|king)$|^y[aeu](?:n|m|lk)\w*$|^youngie$/, 'Y'],
];

/** The symbol whose spelling word this one, or these two, may have been. */
export function nearSymbol(words: string): string | undefined {
  return NEAR.find(([sound]) => sound.test(words))?.[1];
}

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
