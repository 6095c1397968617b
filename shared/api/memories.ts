import { z } from 'zod';
import { LONGEST_MEMORY } from './memory-length.ts';
import { apiSchemas } from './schemas.ts';

/** Something that a person told the agent, in one sentence. */
const memorySchema = z
  .object({
    id: z.uuid(),
    text: z.string(),
    kind: z.enum(['fact', 'preference']),
    source: z.enum(['call', 'person']).describe('`person`: corrected, so that it is in their own words'),
    call_id: z.uuid().nullable().describe('the call that it was told in'),
    created_at: z.string().describe('RFC 3339'),
    updated_at: z.string().describe('RFC 3339'),
  })
  .register(apiSchemas, { id: 'Memory' });

/** Answer of `GET /user/:user_id/memories`, and of correcting and erasing. Newest first, all of them. */
export const memoriesResponse = z
  .object({
    memory_enabled: z.boolean(),
    memories: z.array(memorySchema),
  })
  .register(apiSchemas, { id: 'MemoriesResponse' });

/** Body of `PATCH /user/:user_id/memories/:memory_id`. */
export const correctMemoryRequest = z
  .strictObject({
    text: z
      .string()
      .trim()
      .min(1)
      .max(LONGEST_MEMORY)
      .describe(
        'in plain words; numbers of cards and accounts, codes, passwords, contact data and orders to the assistant are refused',
      ),
  })
  .register(apiSchemas, { id: 'CorrectMemoryRequest' });

export type Memory = z.infer<typeof memorySchema>;
export type MemoriesResponse = z.infer<typeof memoriesResponse>;
