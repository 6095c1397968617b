import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const batchKind = z.enum(['gift', 'promo', 'reseller']);

/** Body of `POST /admin/code-batches`; the batch is named by the `Idempotency-Key` header. */
export const codeBatchRequest = z
  .strictObject({
    kind: batchKind,
    package_id: z.string().min(1).max(64).optional().describe('this, or minutes'),
    minutes: z.int().min(1).max(60_000).optional().describe('on each card; this, or package_id'),
    count: z.int().min(1).max(1000),
    expires_at: z.iso.datetime({ offset: true }).describe('RFC 3339; a code not used by then opens nothing'),
    note: z.string().trim().min(1).max(500),
  })
  .refine(({ package_id, minutes }) => (package_id === undefined) !== (minutes === undefined), {
    path: ['package_id'],
    error: 'send either package_id or minutes',
  })
  .register(apiSchemas, {
    id: 'CodeBatchRequest',
    rules: { oneOf: [{ required: ['package_id'] }, { required: ['minutes'] }] },
  });

/** A batch as operators see it: never with its codes. */
export const codeBatchSchema = z
  .object({
    id: z.uuid(),
    kind: batchKind,
    package_id: z.string().nullable(),
    seconds: z.int().describe('on each card'),
    count: z.int(),
    expires_at: z.string().describe('RFC 3339'),
    note: z.string(),
    operator_id: z.uuid().describe('who issued it'),
    created_at: z.string().describe('RFC 3339'),
    exported_at: z.string().nullable().describe('RFC 3339'),
    exported_by: z.uuid().nullable(),
    revoked_at: z.string().nullable().describe('RFC 3339'),
    activated: z.int().describe('codes that were used'),
    waiting: z.int().describe('codes that can be used'),
    lapsed: z.int().describe('codes that nobody used in time'),
    revoked: z.int().describe('codes that were taken back'),
  })
  .register(apiSchemas, { id: 'CodeBatch' });

export const codeBatchResponse = z
  .object({
    batch: codeBatchSchema,
    replayed: z.boolean().describe('true when this key had issued it before'),
  })
  .register(apiSchemas, { id: 'CodeBatchResponse' });

/** Answer of `POST /admin/code-batches/:batch_id/revoke`. */
export const revokeBatchResponse = z
  .object({ batch: codeBatchSchema })
  .register(apiSchemas, { id: 'RevokeBatchResponse' });

/** Answer of `GET /admin/code-batches`, newest first. */
export const codeBatchesResponse = z
  .object({ batches: z.array(codeBatchSchema) })
  .register(apiSchemas, { id: 'CodeBatchesResponse' });

export type CodeBatch = z.infer<typeof codeBatchSchema>;
export type CodeBatchRequest = z.infer<typeof codeBatchRequest>;
export type CodeBatchResponse = z.infer<typeof codeBatchResponse>;
