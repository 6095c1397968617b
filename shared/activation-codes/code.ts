/** Nineteen symbols that neither sound nor look alike: of each family (0 O, 1 I, B D E G T, M N, …) one at most. */
export const ALPHABET = '2346789FHJKLMPQRWXY';
export const CODE_LENGTH = 12;
/** How many characters people read, write and say at a time. */
export const GROUP_LENGTH = 4;

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

/** As people read it: `XXXX-XXXX-XXXX`. */
export function formatActivationCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
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
