import { z } from 'zod';

/** Kinds of variables. What is wrong with one is said so that the reader knows what to write instead. */

export const address = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be an address such as ${example}` });

export const webAddress = (example: string) => address(/^https?$/, example);
export const port = (fallback: number) =>
  z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65535).default(fallback);
export const seconds = (fallback: number, min: number, max: number) =>
  z.coerce.number({ error: 'must be a whole number of seconds' }).int().min(min).max(max).default(fallback);
export const milliseconds = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: 'must be a whole number of milliseconds' })
    .int()
    .min(min)
    .max(max)
    .default(fallback);
export const secret = (prefix: RegExp, hint: string) => z.string().regex(prefix, { error: hint });
