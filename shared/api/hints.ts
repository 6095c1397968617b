import { z } from 'zod';

/**
 * The data of an event of `GET /events`: what to fetch again. `all` comes first on every connection, as anything may have
 * changed before it.
 */
export const hintSchema = z.object({
  changed: z.enum(['all', 'balance', 'calls', 'purchases', 'memories', 'support']),
});

export type Hint = z.infer<typeof hintSchema>;
export type Changed = Hint['changed'];
