import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** An id in Stripe's form, such as `pi_3AbC...`: a prefix and letters and digits that cannot be guessed. */
export function newId(prefix: string, length = 24): string {
  return `${prefix}_${randomText(length)}`;
}
