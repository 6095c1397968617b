import { z } from 'zod';
import { type MemoriesResponse, memoriesResponse } from '../../shared/api/memories.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

const answerSchema = z.discriminatedUnion('status', [
  memoriesResponse.extend({ status: z.literal('listed') }),
  z.object({ status: z.literal('unknown_user') }),
]);

/**
 * All that is remembered of a person, newest first.
 * @throws Fault `not_signed_in` for an unknown person, `database_unavailable`
 */
export async function listMemories(database: DatabaseClient, userId: string): Promise<MemoriesResponse> {
  const answer = await callFunction(database, 'list_memories', { p_user_id: userId }, answerSchema);
  if (answer.status === 'unknown_user') throw new Fault('not_signed_in');
  const { memory_enabled, memories } = answer;
  return { memory_enabled, memories };
}
