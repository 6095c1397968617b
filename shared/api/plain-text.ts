import { z } from 'zod';
import { plainNote } from '../plain-note.ts';

/** What somebody writes to somebody else: kept as it is seen, without what turns the text around it. */
export const plainText = (maxLength: number) =>
  z
    .string()
    // Before it is cleaned: what the document forbids is refused, here as in every other text.
    .refine((text) => !text.includes('\0'), { error: 'holds the character U+0000', abort: true })
    .overwrite(plainNote)
    .trim()
    .min(1, { error: 'must hold something that is seen' })
    .max(maxLength);
