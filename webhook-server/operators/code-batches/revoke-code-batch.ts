import { z } from 'zod';
import type { CodeBatch } from '../../../shared/api/code-batches.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';
import { storedBatch } from './stored-batch.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('revoked'), batch: storedBatch }),
  z.object({ status: z.enum(['not_an_operator', 'unknown_batch']) }),
]);

/**
 * Takes back the codes of a batch that nobody used. Time that was activated stays where it is; a repeat changes nothing.
 * @throws Fault `forbidden`, `not_found`, `database_unavailable`
 */
export async function revokeCodeBatch(
  { database, logger }: Dependencies,
  request: { operatorId: string; batchId: string; reason?: string | undefined },
): Promise<CodeBatch> {
  const args = {
    p_operator_id: request.operatorId,
    p_batch_id: request.batchId,
    ...(request.reason !== undefined && { p_reason: request.reason }),
  };
  const answer = await callFunction(database, 'revoke_code_batch', args, answerSchema);
  if (answer.status !== 'revoked') {
    throw answer.status === 'unknown_batch'
      ? new Fault('not_found', 'There is no such batch.')
      : new Fault('forbidden', 'Only operators may revoke codes.');
  }
  const { id, revoked } = answer.batch;
  logger.info({ operator_id: request.operatorId, batch_id: id, revoked }, 'a batch of codes was revoked');
  return answer.batch;
}
