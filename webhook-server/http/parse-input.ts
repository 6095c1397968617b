import type { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { issueWords } from './issue-words.ts';

/** PostgreSQL holds no text with this character: it would refuse the whole statement, as if it were our fault. */
function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.entries(value).flat().some(holdsNul);
}

type Issue = z.core.$ZodIssue | undefined;

/** Of a body that may have one of several forms, what is wrong with the form that it comes nearest to. */
function nearest(issue: Issue): Issue {
  if (issue?.code !== 'invalid_union') return issue;
  return issue.errors.toSorted((a, b) => a.length - b.length)[0]?.[0] ?? issue;
}

/**
 * Checks what a caller sent.
 * @throws Fault `invalid_request` naming the first field that is wrong, never its value
 */
export function parseInput<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  if (input === undefined) {
    throw new Fault('invalid_request', 'Send a JSON body with the header "Content-Type: application/json".');
  }
  const result = schema.safeParse(input, { error: issueWords });
  if (result.success) {
    if (holdsNul(result.data)) throw new Fault('invalid_request', 'A text holds the character U+0000.');
    return result.data;
  }
  const issue = nearest(result.error.issues[0]);
  const field = issue?.path.join('.') || 'the body';
  throw new Fault('invalid_request', `${field}: ${issue?.message ?? 'is malformed'}`);
}
