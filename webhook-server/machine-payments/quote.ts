import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What is sold: a package, or minutes of a call. */
const productSchema = z.object({
  /** The route and what its path and body ask for: a quote holds for nothing else. */
  of: z.string(),
  packageId: z.string(),
  cents: z.int().positive(),
  paidSeconds: z.int().positive(),
  bonusSeconds: z.int().min(0),
});
export type Product = z.infer<typeof productSchema>;

/** So long a price holds that was said. */
export const QUOTE_SECONDS = 300;

const quoteSchema = z.object({ ...productSchema.shape, until: z.int(), nonce: z.string() });
export type Quote = z.infer<typeof quoteSchema>;

const sign = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url');

/**
 * A price as it was said, signed: it travels with the payment, so nobody has to remember who asked what something costs,
 * and whoever pays within its time pays that price, whatever the catalogue says by then.
 */
export function writeQuote(key: string, product: Product, now: Date): string {
  const until = Math.floor(now.getTime() / 1000) + QUOTE_SECONDS;
  const quote: Quote = { ...product, until, nonce: randomBytes(9).toString('base64url') };
  const text = Buffer.from(JSON.stringify(quote)).toString('base64url');
  return `${text}.${sign(key, text)}`;
}

/** @returns what was quoted, whether or not its time is over; null for what we never said */
export function readQuote(key: string, written: unknown): Quote | null {
  if (typeof written !== 'string') return null;
  const [text = '', signature = ''] = written.split('.');
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(key, text))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const parsed = quoteSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data : null;
}

export const isOver = ({ until }: Quote, now: Date): boolean => until * 1000 < now.getTime();

/** What a wallet shows. */
export const wordsFor = ({ paidSeconds, bonusSeconds }: Product): string =>
  `${(paidSeconds + bonusSeconds) / 60} minutes of talk time`;
