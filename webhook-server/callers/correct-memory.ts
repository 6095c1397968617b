import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { mayBeKept } from '../../shared/secrets/may-be-kept.ts';

const answerSchema = z.object({ status: z.enum(['corrected', 'unknown_memory', 'invalid_text', 'refused']) });

const NEVER_KEPT =
  'Numbers of cards, accounts and telephones, addresses, codes, passwords, and what tells the assistant what to do are never kept.';

/**
 * Puts a memory into the words of the person whom it is about.
 * @throws Fault `not_found` for a memory that is gone or not theirs, `invalid_request` for a text that holds a secret or
 *   an order, or nothing to read, `database_unavailable`
 */
export async function correctMemory(
  database: DatabaseClient,
  userId: string,
  memory: { id: string; text: string },
): Promise<void> {
  // As the database stores it: invisible characters and lines are no reason to refuse.
  const line = memory.text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  if (line !== '' && !mayBeKept(line)) throw new Fault('invalid_request', NEVER_KEPT);
  const args = { p_user_id: userId, p_memory_id: memory.id, p_text: memory.text };
  const { status } = await callFunction(database, 'correct_memory', args, answerSchema);
  if (status === 'unknown_memory')
    throw new Fault('not_found', 'This memory is gone: it was erased, or told anew.');
  if (status === 'refused') {
    throw new Fault('invalid_request', NEVER_KEPT);
  }
  if (status === 'invalid_text') throw new Fault('invalid_request', 'The text holds nothing to read.');
}
