import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a key may be for. A route by key names one of them. */
export const API_SCOPES = [
  'usage:read',
  'usage:write',
  'billing:read',
  'billing:write',
  'verify',
  'tasks',
  'calls',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** So many digits of base 62 hold 32 bytes. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const SHAPE = new RegExp(`^(mb_(?:live|test)_[0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CHECK_LENGTH}})$`);

function inBase62(value: bigint, length: number): string {
  let [text, rest] = ['', value];
  for (; text.length < length; rest /= 62n) text = ALPHABET.charAt(Number(rest % 62n)) + text;
  return text;
}

const checkOf = (text: string) => inBase62(BigInt(crc32(text)), CHECK_LENGTH);

/** What may be kept and shown of a key. */
export type ShownApiKey = { prefix: string; last4: string };

/**
 * A new key: `mb_live_`, 32 random bytes, and a checksum, by which a slip or another kind of token is told without asking
 * anybody, and scanners of leaked secrets find it.
 * @param isLive whether it moves real money
 */
export function makeApiKey(isLive: boolean, random: Buffer = randomBytes(32)): string {
  const body = `mb_${isLive ? 'live' : 'test'}_${inBase62(BigInt(`0x${random.toString('hex')}`), SECRET_LENGTH)}`;
  return `${body}_${checkOf(body)}`;
}

export const showApiKey = (key: string): ShownApiKey => ({ prefix: key.slice(0, 12), last4: key.slice(-4) });

/** Whether a token is meant as a key; whether it is one says `isApiKey`. */
export const isMeantAsApiKey = (token: string): boolean => /^mb_(live|test)_/.test(token);

/** Whether a token is one that we could have made. */
export function isApiKey(token: string): boolean {
  const [, body, check] = SHAPE.exec(token) ?? [];
  return body !== undefined && check === checkOf(body);
}

/** What the database stores instead of the key: 64 hexadecimal digits. Changing the pepper ends every key. */
export function hashApiKey(pepper: string, key: string): string {
  return createHmac('sha256', pepper).update(`api key:${key}`).digest('hex');
}
