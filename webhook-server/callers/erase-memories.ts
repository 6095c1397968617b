import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

const answerSchema = z.object({ status: z.enum(['erased', 'unknown_memory', 'unknown_user']) });

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
  const { status } = await callFunction(database, 'erase_memory', args, answerSchema);
  if (status === 'erased') logger.info({ user_id: userId }, 'a person erased a memory');
}

/**
 * Erases all that is remembered of a person for good, and what calls until now would still leave.
 * @throws Fault `database_unavailable`
 */
export async function eraseAllMemories({ database, logger }: Dependencies, userId: string): Promise<void> {
  await callFunction(database, 'erase_all_memories', { p_user_id: userId }, answerSchema);
  logger.info({ user_id: userId }, 'a person erased all memories');
}
