import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

const answerSchema = z.object({ status: z.enum(['corrected', 'unknown_memory', 'invalid_text', 'refused']) });

/**
 * Puts a memory into the words of the person whom it is about.
 * @throws Fault `not_found` for a memory that is gone or not theirs, `invalid_request` for a text that holds a secret
 *   or nothing to read, `database_unavailable`
 */
export async function correctMemory(
  database: DatabaseClient,
  userId: string,
  memory: { id: string; text: string },
): Promise<void> {
  const args = { p_user_id: userId, p_memory_id: memory.id, p_text: memory.text };
  const { status } = await callFunction(database, 'correct_memory', args, answerSchema);
  if (status === 'unknown_memory')
    throw new Fault('not_found', 'This memory is gone: it was erased, or told anew.');
  if (status === 'refused') {
    throw new Fault(
      'invalid_request',
      'This looks like a card number or an activation code, and those are never kept.',
    );
  }
  if (status === 'invalid_text') throw new Fault('invalid_request', 'The text holds nothing to read.');
}
