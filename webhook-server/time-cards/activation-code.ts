import { createHmac } from 'node:crypto';
import { Fault } from '../../shared/errors.ts';

/** Nineteen symbols that neither sound nor look alike: of each family (0 O, 1 I, B D E G T, M N, …) one at most. */
export const ALPHABET = '2346789FHJKLMPQRWXY';
const LENGTH = 12;
/** The largest multiple of 19 that fits a byte: bytes above it would make some symbols likelier. */
const UNBIASED = Math.floor(256 / ALPHABET.length) * ALPHABET.length;

/** HMAC-SHA256 (RFC 2104) of a labelled text, so that one key serves several purposes. */
function keyedHash(key: string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * Weights 12 down to 1 over a prime modulus: all differ and none is zero, so every single wrong character
 * and every swap of two characters changes the sum.
 */
function weightedSum(symbols: string): number {
  let sum = 0;
  for (let i = 0; i < symbols.length; i++) sum += (LENGTH - i) * ALPHABET.indexOf(symbols.charAt(i));
  return sum % ALPHABET.length;
}

function checkCharacter(symbols: string): string {
  return ALPHABET.charAt((ALPHABET.length - weightedSum(symbols)) % ALPHABET.length);
}

/**
 * The code of a card: derived from its id, so that its buyer can see it again and nobody has to store it.
 * Changing the key changes every code that was not used yet.
 * @returns 12 characters without dashes
 */
export function deriveActivationCode(key: string, cardId: string): string {
  let symbols = '';
  for (let block = 0; symbols.length < LENGTH - 1; block++) {
    const text = block === 0 ? `code:${cardId}` : `code:${cardId}:${block}`;
    for (const byte of keyedHash(key, text)) {
      if (byte < UNBIASED && symbols.length < LENGTH - 1) symbols += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return symbols + checkCharacter(symbols);
}

/** As people read it: `XXXX-XXXX-XXXX`. */
export function formatActivationCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * Reads what a person typed or said: case, spaces and dashes do not matter. Characters outside the alphabet
 * are not guessed at: a wrong guess would turn a slip that costs nothing into a failed attempt.
 * @throws Fault `mistyped_code` for what cannot be a code
 */
export function parseActivationCode(input: string): string {
  const code = input
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}_]/gu, '');
  const valid = code.length === LENGTH && [...code].every((symbol) => ALPHABET.includes(symbol));
  if (!valid || weightedSum(code) !== 0) throw new Fault('mistyped_code');
  return code;
}

/** What the database stores instead of the code: 64 hexadecimal digits. */
export function hashActivationCode(key: string, code: string): string {
  return keyedHash(key, `hash:${code}`).toString('hex');
}
