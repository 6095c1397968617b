import { z } from 'zod';

type Schema = { readonly [key: string]: unknown };
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** Where a schema breaks the rules of strict mode: https://platform.openai.com/docs/guides/structured-outputs. */
function strictProblem(schema: Schema, place: readonly string[]): string | undefined {
  const where = `In context=(${place.map((part) => `'${part}'`).join(', ')})`;
  if (isSchema(schema.properties)) {
    if (schema.additionalProperties !== false) {
      return `${where}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
    const missing = Object.keys(schema.properties).find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `${where}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  for (const [key, value] of Object.entries(schema)) {
    const problem = isSchema(value) ? strictProblem(value, [...place, key]) : undefined;
    if (problem) return problem;
  }
  return undefined;
}

const jsonSchema = z
  .object({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  })
  .superRefine(({ name, schema, strict }, context) => {
    const problem =
      schema.type === 'object'
        ? strict && strictProblem(schema, [])
        : `schema must be a JSON Schema of 'type: "object"', got 'type: "${schema.type}"'.`;
    if (problem) {
      context.addIssue({
        code: 'custom',
        message: `Invalid schema for response_format '${name}': ${problem}`,
      });
    }
  });

/** `response_format` of https://platform.openai.com/docs/api-reference/chat/create. */
export const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_schema'), json_schema: jsonSchema }),
]);
