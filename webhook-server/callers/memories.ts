import { z } from 'zod';
import { type MemoriesResponse, memoriesResponse } from '../../shared/api/memories.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

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

const erasedSchema = z.object({ status: z.enum(['erased', 'unknown_memory', 'unknown_user']) });

/**
 * Erases one memory for good. One that is gone, or of somebody else, is left alone.
 * @throws Fault `database_unavailable`
 */
export async function eraseMemory(
  { database, logger }: Dependencies,
  userId: string,
  memoryId: string,
): Promise<void> {
  const args = { p_user_id: userId, p_memory_id: memoryId };
  const { status } = await callFunction(database, 'erase_memory', args, erasedSchema);
  if (status === 'erased') logger.info({ user_id: userId }, 'a person erased a memory');
}

/**
 * Erases all that is remembered of a person for good, and what calls until now would still leave.
 * @throws Fault `database_unavailable`
 */
export async function eraseAllMemories({ database, logger }: Dependencies, userId: string): Promise<void> {
  await callFunction(database, 'erase_all_memories', { p_user_id: userId }, erasedSchema);
  logger.info({ user_id: userId }, 'a person erased all memories');
}
