import { z } from 'zod';
import { type CodeBatch, codeBatchSchema } from '../../../shared/api/code-batches.ts';

const instant = z.string().transform((text) => new Date(text).toISOString());

/** A batch as the database answers it, in the words of the API. */
export const storedBatch = z
  .object({
    ...codeBatchSchema.omit({ expires_at: true }).shape,
    usable_until: instant,
    created_at: instant,
    exported_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .transform(({ usable_until, ...batch }): CodeBatch => ({ ...batch, expires_at: usable_until }));
