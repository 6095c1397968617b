import type { z } from 'zod';
import { Fault } from '../../shared/errors.ts';

/**
 * Checks what a caller sent.
 * @throws Fault `invalid_request` naming the first field that is wrong, never its value
 */
export function parseInput<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  if (input === undefined) {
    throw new Fault('invalid_request', 'Send a JSON body with the header "Content-Type: application/json".');
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') || 'the body';
  throw new Fault('invalid_request', `${field}: ${issue?.message ?? 'is malformed'}`);
}
