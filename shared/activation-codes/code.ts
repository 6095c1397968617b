/** Nineteen symbols that neither sound nor look alike: of each family (0 O, 1 I, B D E G T, M N, …) one at most. */
export const ALPHABET = '2346789FHJKLMPQRWXY';
export const CODE_LENGTH = 12;
/** How many characters people read, write and say at a time. */
export const GROUP_LENGTH = 4;

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

/**
 * Weights 12 down to 1 over a prime modulus: all differ and none is zero, so every single wrong character
 * and every swap of two characters changes the sum.
 */
function weightedSum(symbols: string): number {
  let sum = 0;
  for (let i = 0; i < symbols.length; i++) sum += (CODE_LENGTH - i) * ALPHABET.indexOf(symbols.charAt(i));
  return sum % ALPHABET.length;
}

/** @param symbols the first eleven */
export function withCheckCharacter(symbols: string): string {
  return symbols + ALPHABET.charAt((ALPHABET.length - weightedSum(symbols)) % ALPHABET.length);
}

/** Whether it is twelve characters of the alphabet of which the last fits the others. */
export function passesCheck(code: string): boolean {
  const isComplete = code.length === CODE_LENGTH && [...code].every((symbol) => ALPHABET.includes(symbol));
  return isComplete && weightedSum(code) === 0;
}

/**
 * The one code among all combinations that passes its check.
 * @param choices the possible symbols of each place
 * @returns null when none passes, or more than one
 */
function onlyValid(choices: readonly string[]): string | null {
  let readings = [''];
  for (const symbols of choices) readings = readings.flatMap((head) => [...symbols].map((s) => head + s));
  const [first, ...others] = readings.filter(passesCheck);
  return first !== undefined && others.length === 0 ? first : null;
}

/** As people read it: `XXXX-XXXX-XXXX`. */
export function formatActivationCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * Reads what a person typed or pasted: case, spaces and dashes do not matter, and a character that is in no code is
 * taken for what it looks like, where only one reading passes the check.
 * @returns 12 characters, or null for what cannot be a code
 */
export function readActivationCode(input: string): string | null {
  const characters = [
    ...input
      .normalize('NFKC')
      .toUpperCase()
      .replace(/[\s\p{Pd}_]/gu, ''),
  ];
  if (characters.length !== CODE_LENGTH) return null;
  const foreign = characters.filter((character) => !ALPHABET.includes(character));
  if (foreign.length > MOST_LOOK_ALIKES) return null;
  return onlyValid(
    characters.map((character) => (foreign.includes(character) ? (LOOK_ALIKES[character] ?? '') : character)),
  );
}

/**
 * Opens the page with a code filled in. In the fragment, which no browser sends: the code stays out of the logs of
 * every server on the way (RFC 3986, section 3.5).
 */
export function activationLink(pageUrl: string, code: string): string {
  const url = new URL(pageUrl);
  url.hash = `/activate/${code}`;
  return url.href;
}
