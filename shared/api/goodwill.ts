import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Body of `POST /operator/users/:user_id/goodwill`; the grant is named by the `Idempotency-Key` header. */
export const goodwillRequest = z
  .strictObject({
    seconds: z.int().min(1).max(360_000),
    reason: z.string().trim().min(1).max(500),
  })
  .register(apiSchemas, { id: 'GoodwillRequest' });

export const goodwillResponse = z
  .object({
    card_id: z.uuid(),
    seconds: z.int(),
    replayed: z.boolean().describe('true when this key had granted it before'),
  })
  .register(apiSchemas, { id: 'GoodwillResponse' });

export type GoodwillRequest = z.infer<typeof goodwillRequest>;
export type GoodwillResponse = z.infer<typeof goodwillResponse>;
