import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * Kinds of variables. What is wrong with one is said so that the reader knows what to write instead; what was given is
 * added by `loadConfig`, where it may be shown.
 */

export const address = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be an address such as ${example}` });

export const webAddress = (example: string) => address(/^https?$/, example);

/** Where a page of ours is: links are made by what is put behind it, so nothing may stand there. */
export const pageAddress = (example: string) =>
  webAddress(example).refine((text) => !/[?#@]/.test(text), {
    error: `must be an address such as ${example}, without ?, # or a password`,
  });

/** A whole number, in digits. */
const whole = (what: string, fallback: number, min: number, max: number) => {
  const error = `must be ${what} from ${min} to ${max}`;
  const digits = z.string({ error }).regex(/^\d{1,15}$/, { error });
  return digits
    .transform(Number)
    .pipe(z.int({ error }).min(min, { error }).max(max, { error }))
    .default(fallback);
};

export const port = (fallback: number) => whole('a port number', fallback, 0, 65_535);
export const count = (fallback: number, min: number, max: number) =>
  whole('a whole number', fallback, min, max);
export const seconds = (fallback: number, min: number, max: number) =>
  whole('a whole number of seconds', fallback, min, max);
export const milliseconds = (fallback: number, min: number, max: number) =>
  whole('a whole number of milliseconds', fallback, min, max);
export const megabytes = (fallback: number, min: number, max: number) =>
  whole('a whole number of megabytes', fallback, min, max);

/** One of some words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

export const yesOrNo = () =>
  oneOf('true', 'false')
    .default('false')
    .transform((text) => text === 'true');

/** What to listen on: an address of this machine, or its name, and nothing before or after it. */
export const host = (fallback: string) =>
  z
    .string()
    .refine((text) => isIP(text) !== 0 || /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(text), {
      error: 'must be an address of this machine, without port or scheme, such as 127.0.0.1, 0.0.0.0 or ::',
    })
    .default(fallback);

/** A database, with who signs in. */
export const databaseAddress = (example: string) =>
  z.string().refine(
    (text) => {
      if (!URL.canParse(text) || /\s/.test(text)) return false;
      const { protocol, username, hostname } = new URL(text);
      return /^postgres(ql)?:$/.test(protocol) && username !== '' && hostname !== '';
    },
    { error: `must be an address such as ${example}` },
  );

/** Addresses of pages, without a path, separated by commas. */
export const origins = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim().replace(/\/$/, ''))
        .filter((part) => part !== ''),
    )
    .refine(
      (parts) =>
        parts.every(
          (part) => URL.canParse(part) && /^https?:[^*]*$/.test(part) && new URL(part).origin === part,
        ),
      {
        error:
          'must be addresses without a path or a *, such as https://app.example.com, separated by commas',
      },
    );

export const secret = (prefix: RegExp, hint: string) => z.string().regex(prefix, { error: hint });

/** A key that others made: only its length is known. */
export const longSecret = (min: number, hint: string) => z.string().min(min, { error: hint });

/** Something for each of several chains, by their CAIP-2 names: `network=value`, separated by commas. */
export const byNetwork = (example: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== '').map((part) => /^([^=]+)=(.+)$/.exec(part)))
    .refine((parts) => parts.every((part) => /^[a-z0-9]{3,8}:[-\w]{1,32}$/.test(part?.[1]?.trim() ?? '')), {
      error: `must name a chain and what is of it, such as ${example}`,
    })
    .transform((parts) => new Map(parts.map((part) => [part?.[1]?.trim() ?? '', part?.[2]?.trim() ?? ''])));
