import { z } from 'zod';

/** Headers that say how a request is sent, which is not for a product to say. */
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|expect|proxy-.*|accept-encoding|content-encoding|idempotency-key)$/i;
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
  .refine((name) => !OWN_HEADERS.test(name), 'this header is ours to set');
/** `{{name}}` stands for the secret of that name. */
const headerValue = z
  .string()
  .max(2000)
  .regex(/^[\t\x20-\x7e]*$/);

const jsonSchema = z.record(z.string(), z.unknown());

/** Where a parameter goes. */
const place = z.enum(['path', 'query', 'header', 'body']);

/** What a call of a product needs, as the database keeps each version. */
export const productVersion = z.object({
  id: z.uuid(),
  seller_id: z.uuid().nullable(),
  tenant_id: z.uuid().nullable(),
  name: z.string(),
  title: z.string(),
  description: z.string(),
  category: z.string(),
  version: z.int(),
  status: z.enum(['draft', 'active', 'retired']),
  price_micros: z.int(),
  api_endpoint: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  parameters: jsonSchema,
  places: z.record(z.string(), place),
  response_schema: jsonSchema.nullable(),
  headers: z.record(headerName, headerValue),
  speech: z.string().nullable(),
  rate_per_minute: z.int(),
  timeout_ms: z.int(),
  max_bytes: z.int(),
  charges_client_errors: z.boolean(),
  is_spoken: z.boolean(),
});
export type ProductVersion = z.output<typeof productVersion>;

/** A JSON Schema that can be checked by, and is of an object. */
const checkable = jsonSchema.refine((schema) => {
  try {
    return schemaOf(schema) instanceof z.ZodType;
  } catch {
    return false;
  }
}, 'must be a JSON Schema that can be checked');

/** What a seller says of a product. */
export const productInput = z.strictObject({
  tenant_id: z.uuid().nullable().optional().describe('Offered to this tenant only.'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{1,63}$/)
    .describe('As the model calls it.'),
  title: z.string().max(200).optional(),
  description: z.string().max(1000).optional().describe('What it does and when to call it.'),
  category: z.string().min(1).max(100).optional(),
  status: z.enum(['draft', 'active', 'retired']).optional(),
  price_per_call: z.number().min(0).max(10_000).multipleOf(0.000001).describe('In US dollars.'),
  api_endpoint: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('May have {parameters} in its path.'),
  method: productVersion.shape.method.optional(),
  parameters: checkable.refine((schema) => schema.type === 'object', 'must be of an object').optional(),
  places: productVersion.shape.places.optional(),
  response_schema: checkable.nullable().optional(),
  headers: productVersion.shape.headers.optional(),
  speech: z
    .string()
    .max(500)
    .nullable()
    .optional()
    .describe('What is said of a result, with {paths.into.it}.'),
  rate_per_minute: z.int().min(1).max(100_000).optional(),
  timeout_ms: z.int().min(100).max(60_000).optional(),
  max_bytes: z.int().min(1).max(5_000_000).optional(),
  charges_client_errors: z.boolean().optional(),
  is_spoken: z.boolean().optional(),
});

/** What takes time without bound to check, for a value that its seller chooses. */
const UNBOUNDED = ['pattern', 'patternProperties', '$ref', '$dynamicRef'];

/** @throws where a schema has a keyword that is not checked here. A property may have its name. */
function refuseUnbounded(part: unknown, isNames = false): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (!isNames && !Array.isArray(part) && UNBOUNDED.includes(key))
      throw new Error(`${key} is not checked here`);
    refuseUnbounded(value, !isNames && key === 'properties');
  }
}

/** A check of values by a JSON Schema. @throws what cannot be checked */
export function schemaOf(schema: Record<string, unknown>): z.ZodType {
  refuseUnbounded(schema);
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}
