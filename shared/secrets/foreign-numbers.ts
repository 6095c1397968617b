/**
 * The numbers from 0 to 99 in the languages other than English that the agent speaks: so are card numbers and codes
 * said where a recogniser does not write figures.
 */
type Numbers = { words: readonly string[]; tens: readonly string[]; join(ten: string, unit: string): string };

/** Without case, accents and hyphens, which recognisers set as they like. */
const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/-/g, ' ');

const GERMAN: Numbers = {
  words: (
    'null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn ' +
    'achtzehn neunzehn'
  ).split(' '),
  tens: 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' '),
  join: (ten, unit) => `${unit === 'eins' ? 'ein' : unit}und${ten}`,
};

const SPANISH: Numbers = {
  words: (
    'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete ' +
    'dieciocho diecinueve'
  ).split(' '),
  tens: 'veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa'.split(' '),
  join: (ten, unit) => (ten === 'veinte' ? `veinti${unit}` : `${ten} y ${unit}`),
};

const FRENCH: Numbers = {
  words: (
    'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit ' +
    'dix-neuf'
  ).split(' '),
  // Seventy and ninety are counted on from the ten before.
  tens: ['vingt', 'trente', 'quarante', 'cinquante', 'soixante', 'soixante', 'quatre-vingt', 'quatre-vingt'],
  join: (ten, unit) =>
    /^(?:un|onze)$/.test(unit) && ten !== 'quatre-vingt' ? `${ten} et ${unit}` : `${ten}-${unit}`,
};

function inWords(number: number, { words, tens, join }: Numbers): string {
  const ten = tens[Math.floor(number / 10) - 2];
  if (number < 20 || ten === undefined) return plain(words[number] ?? '');
  const isCountedOn = tens.indexOf(ten) < Math.floor(number / 10) - 2;
  const unit = (number % 10) + (isCountedOn ? 10 : 0);
  return plain(unit === 0 ? ten : join(ten, words[unit] ?? ''));
}

/** Number by the words for it. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ...[GERMAN, SPANISH, FRENCH].flatMap((numbers) =>
    Array.from({ length: 100 }, (_, number): [string, string] => [inWords(number, numbers), `${number}`]),
  ),
  ['zwo', '2'],
  ['fuenf', '5'],
  ['zwoelf', '12'],
  ['dreissig', '30'],
  ['quatre vingts', '80'],
]);

/** As many words as such a number can have: "quatre-vingt-dix-sept". */
const MOST_WORDS = 4;

/**
 * Reads a number at the beginning of some words, the longest that there is.
 * @returns its figures, and of how many words it is; undefined where there is none
 */
export function readForeignNumber(words: readonly string[]): { digits: string; words: number } | undefined {
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
    const digits = MEANT.get(plain(words.slice(0, count).join(' ')));
    if (digits !== undefined) return { digits, words: count };
  }
  return undefined;
}
