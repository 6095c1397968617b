import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Every error of the sidecar has this shape. */
export const errorResponse = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string().describe('says what to do'),
      request_id: z.string(),
    }),
  })
  .register(apiSchemas, { id: 'ErrorResponse' });

export type ErrorResponse = z.infer<typeof errorResponse>;
