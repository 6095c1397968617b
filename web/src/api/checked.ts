import './validation.ts';
import type { z } from 'zod';
import { ApiError } from './request.ts';

/** An answer that is what it should be. @throws ApiError */
export function checked<T>(schema: z.ZodType<T>, path: string, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  console.error(`unexpected answer of ${path}`, parsed.error.issues);
  throw new ApiError(
    'unexpected_answer',
    'The server gave an answer this page does not understand.',
    200,
    null,
  );
}
