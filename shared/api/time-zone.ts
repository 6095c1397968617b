import { z } from 'zod';

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** Of the IANA database, as browsers tell it. */
export const timeZone = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => /^[A-Za-z]/.test(text) && isTimeZone(text), {
    error: 'must be a time zone such as Europe/Berlin',
  });
