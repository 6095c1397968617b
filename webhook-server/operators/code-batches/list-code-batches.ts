import { z } from 'zod';
import type { CodeBatch } from '../../../shared/api/code-batches.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';
import { storedBatch } from './stored-batch.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('listed'), batches: z.array(storedBatch) }),
  z.object({ status: z.literal('not_an_operator') }),
]);

/**
 * The newest 100 batches, and what became of their codes.
 * @throws Fault `forbidden`, `database_unavailable`
 */
export async function listCodeBatches({ database }: Dependencies, operatorId: string): Promise<CodeBatch[]> {
  const args = { p_operator_id: operatorId };
  const answer = await callFunction(database, 'list_code_batches', args, answerSchema);
  if (answer.status !== 'listed') throw new Fault('forbidden', 'Only operators may see batches of codes.');
  return answer.batches;
}
