import { z } from 'zod';

/**
 * The shapes of the API that have a name of their own in docs/openapi.json. A schema that registers itself here is
 * described there once, and referred to wherever it occurs.
 */
export const apiSchemas = z.registry<{
  id: string;
  /** What a check of several fields together says, in the words of JSON Schema. */
  rules?: Record<string, unknown>;
}>();
