import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { parseInput } from '../../webhook-server/http/parse-input.ts';
import { routes } from '../../webhook-server/routes.ts';

/** What was said about an input that does not fit; undefined of one that does. */
function saidAbout(schema: z.ZodType, input: unknown): string | undefined {
  try {
    parseInput(schema, input);
    return undefined;
  } catch (error) {
    return error instanceof Fault ? error.message : String(error);
  }
}

const JUNK = [null, '', 'x', 'x'.repeat(100_000), -1, 1e12, 0.5, true, [], {}, [null], { a: 1 }, Number.NaN];

/** The validator's own words. They tell who wrote the API what went wrong, and nobody else. */
const VALIDATORS_WORDS =
  /invalid|expected \w|received \w|too (small|big)|unrecognized|ZodError|regex|pattern|undefined|\bnan\b/i;

const schemas = routes.flatMap(({ operation: { operationId, body, query, params } }) =>
  [body, query, params].flatMap((schema) =>
    schema instanceof z.ZodObject ? [[operationId, schema] as const] : [],
  ),
);

test.each(schemas)('%s says what to do about whatever does not fit, in words of its own', (_id, schema) => {
  const fields = Object.keys(schema.shape);
  const inputs = [
    ...JUNK,
    { unknown_field: 1 },
    ...fields.flatMap((field) => JUNK.map((value) => ({ [field]: value }))),
  ];
  for (const input of inputs) {
    const said = saidAbout(schema, input);
    if (said !== undefined) expect(said).not.toMatch(VALIDATORS_WORDS);
  }
});

describe('what is said', () => {
  const schema = z.strictObject({
    seconds: z.int().min(1).max(90),
    kind: z.enum(['a', 'b']).optional(),
    consent: z.literal(true).optional(),
    text: z.string().min(1).max(3).optional(),
    id: z.uuid().optional(),
    at: z.iso.datetime({ offset: true }).optional(),
    own: z
      .string()
      .refine((text) => text === 'x', { error: 'must be an x' })
      .optional(),
  });
  test.each([
    [{}, 'seconds: is missing'],
    [{ seconds: 'x' }, 'seconds: must be a number'],
    [{ seconds: 0.5 }, 'seconds: must be a whole number'],
    [{ seconds: 0 }, 'seconds: must be 1 or more'],
    [{ seconds: 91 }, 'seconds: must be 90 or less'],
    [{ seconds: 1, kind: 'c' }, 'kind: must be one of a, b'],
    [{ seconds: 1, consent: false }, 'consent: must be true'],
    [{ seconds: 1, text: '' }, 'text: must not be empty'],
    [{ seconds: 1, text: 'long' }, 'text: must have 3 characters or less'],
    [{ seconds: 1, id: 'x' }, 'id: must be an id such as 4b2c0a52-7f5b-4e1a-9d3c-0a1b2c3d4e5f'],
    [{ seconds: 1, at: 'soon' }, 'at: must be a date and time such as 2026-12-24T18:00:00Z'],
    [{ seconds: 1, more: 1 }, 'the body: leave out what is not known here: more'],
    [{ seconds: 1, own: 'y' }, 'own: must be an x'],
    [[], 'the body: must be an object'],
  ])('of %j', (input, said) => {
    expect(saidAbout(schema, input)).toBe(said);
  });
});
