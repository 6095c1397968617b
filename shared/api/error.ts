import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Every error of the sidecar has this shape. */
export const errorResponse = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string().describe('says what to do'),
      request_id: z.string(),
      quota: z
        .object({
          plan_id: z.string().nullable(),
          limit: z.int().nullable().describe('Requests in the period; null: as many as you like.'),
          remaining: z.int().nullable(),
          resets_at: z.string().describe('RFC 3339; when the next period begins.'),
          per_minute: z.int(),
          remaining_in_minute: z.int(),
        })
        .optional()
        .describe('What is left of the plan of the tenant, where an API key asked.'),
      spend: z
        .object({
          period: z.enum(['day', 'month']),
          spent_micros: z.int(),
          hard_micros: z.int().nullable(),
          currency: z.string(),
          resets_at: z.string().describe('RFC 3339; when the next period begins.'),
        })
        .optional()
        .describe('What the tenant has spent of what its plan allows, with `spend_limit_reached`.'),
    }),
  })
  .register(apiSchemas, { id: 'ErrorResponse' });

export type ErrorResponse = z.infer<typeof errorResponse>;
