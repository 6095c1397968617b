import { createHmac } from 'node:crypto';
import { Fault } from '../errors.ts';
import { ALPHABET, CODE_LENGTH, withCheckCharacter } from './code.ts';
import { readActivationCode, slipWords } from './read-code.ts';

/** The largest multiple of 19 that fits a byte: bytes above it would make some symbols likelier. */
const UNBIASED = Math.floor(256 / ALPHABET.length) * ALPHABET.length;

/** HMAC-SHA256 (RFC 2104) of a labelled text, so that one key serves several purposes. */
function keyedHash(key: string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * The code of a card: derived from its id, so that its buyer can see it again and nobody has to store it.
 * Changing the key changes every code that was not used yet.
 * @returns 12 characters without dashes
 */
export function deriveActivationCode(key: string, cardId: string): string {
  let symbols = '';
  for (let block = 0; symbols.length < CODE_LENGTH - 1; block++) {
    const text = block === 0 ? `code:${cardId}` : `code:${cardId}:${block}`;
    for (const byte of keyedHash(key, text)) {
      if (byte < UNBIASED && symbols.length < CODE_LENGTH - 1)
        symbols += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return withCheckCharacter(symbols);
}

/**
 * As `readActivationCode`, for where a slip is an error.
 * @throws Fault `mistyped_code` for what cannot be a code, with the group that is wrong where that can be known; nobody
 *   need be asked, and it costs no attempt
 */
export function parseActivationCode(input: string): string {
  const code = readActivationCode(input);
  if (code === null) {
    throw new Fault('mistyped_code', `${slipWords(input)} It did not count as an attempt.`);
  }
  return code;
}

/** What the database stores instead of the code: 64 hexadecimal digits. */
export function hashActivationCode(key: string, code: string): string {
  return keyedHash(key, `hash:${code}`).toString('hex');
}

/** The token in the link of an invitation: derived from its id, so that nobody has to store it. */
export function deriveInvitationToken(key: string, invitationId: string): string {
  return keyedHash(key, `invitation:${invitationId}`).toString('base64url');
}

/** What the database stores instead of the token: 64 hexadecimal digits. */
export function hashInvitationToken(key: string, token: string): string {
  return keyedHash(key, `invitation token:${token}`).toString('hex');
}

/** What the database knows the secret of a program by that pays with nothing else: 64 hexadecimal digits. */
export function hashClaimSecret(key: string, secret: string): string {
  return keyedHash(key, `claim secret:${secret}`).toString('hex');
}

/** A key of its own for another purpose, so that one secret has to be kept. */
export function deriveKey(key: string, purpose: string): string {
  return keyedHash(key, `key:${purpose}`).toString('hex');
}

/**
 * What the database counts wrong codes by, instead of the address. Keyed, because all of IPv4 can be hashed in a
 * minute.
 * @returns 64 hexadecimal digits
 */
export function hashAddress(key: string, address: string): string {
  return keyedHash(key, `address:${address}`).toString('hex');
}

/**
 * What the database knows an e-mail address by where it must not know the address: the same for all its spellings in upper
 * and lower case, and for what is put behind a plus.
 * @returns 64 hexadecimal digits
 */
export function hashEmail(key: string, email: string): string {
  const plain = email
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*@/, '@');
  return keyedHash(key, `email:${plain}`).toString('hex');
}
