import { z } from 'zod';
import { invalidParameter } from './refusal.ts';

const MAXIMUM_KEYS = 50;
const MAXIMUM_KEY_LENGTH = 40;
const MAXIMUM_VALUE_LENGTH = 500;

function problemOf(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'Metadata values must be strings.';
  if (key.length > MAXIMUM_KEY_LENGTH) {
    return `Metadata keys can have up to ${MAXIMUM_KEY_LENGTH} characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key.slice(0, 60)}`;
  }
  if (value.length > MAXIMUM_VALUE_LENGTH) {
    return `Metadata values can have up to ${MAXIMUM_VALUE_LENGTH} characters, but you passed in a value that is ${value.length} characters.`;
  }
  return undefined;
}

/**
 * The `metadata` parameter: null when an empty string asks to clear everything; an empty value unsets its key.
 * Limits from https://docs.stripe.com/api/metadata.
 */
export function metadata() {
  return z.unknown().transform((raw, context): Record<string, string> | null => {
    if (raw === '') return null;
    if (typeof raw !== 'object' || raw === null) {
      context.addIssue({
        code: 'custom',
        message: 'Invalid object',
        params: { code: 'parameter_invalid_object' },
      });
      return z.NEVER;
    }
    const entries = Object.entries(raw);
    for (const [key, value] of entries) {
      const problem = problemOf(key, value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: [key] });
    }
    return Object.fromEntries(entries);
  });
}

/** Stripe merges metadata on update; it does not replace it. */
export function mergeMetadata(
  current: Record<string, string>,
  change: Record<string, string> | null | undefined,
): Record<string, string> {
  if (change === undefined) return current;
  if (change === null) return {};
  const merged = Object.fromEntries(
    Object.entries({ ...current, ...change }).filter(([, value]) => value !== ''),
  );
  const count = Object.keys(merged).length;
  if (count > MAXIMUM_KEYS) {
    throw invalidParameter(`Metadata can have up to ${MAXIMUM_KEYS} keys, but this would make ${count}.`, {
      param: 'metadata',
    });
  }
  return merged;
}
