import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Answer of `GET /user/:user_id/deletion`: what a person would lose with their account, to be shown before they agree. */
export const deletionTermsResponse = z
  .object({
    remaining_seconds: z.int().describe('given up with the account; no money comes back for it'),
    frozen_seconds: z.int().describe('under dispute'),
    waiting_gifts: z
      .int()
      .describe('that were bought and not used yet: they stay valid, so note their codes'),
    live_calls: z.int().describe('they are ended first'),
    needs_password: z.boolean().describe('false for who signs in by a link or by another service'),
  })
  .register(apiSchemas, { id: 'DeletionTerms' });

/** Body of `POST /user/:user_id/deletion`. */
export const deletionRequest = z
  .strictObject({
    email: z.string().min(1).max(320).describe('of the account, typed by the person'),
    password: z.string().min(1).max(1000).optional().describe('where the account has one'),
    forfeit_seconds: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .describe('so much time the person agrees to give up: what they were shown as `remaining_seconds`'),
  })
  .register(apiSchemas, { id: 'DeletionRequest' });

export const deletionResponse = z
  .object({ status: z.literal('deleted'), forfeited_seconds: z.int() })
  .register(apiSchemas, { id: 'DeletionResponse' });

export type DeletionTerms = z.infer<typeof deletionTermsResponse>;
export type DeletionRequest = z.infer<typeof deletionRequest>;
export type DeletionResponse = z.infer<typeof deletionResponse>;
