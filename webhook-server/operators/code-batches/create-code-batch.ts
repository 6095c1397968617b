import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { deriveActivationCode, hashActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import type { CodeBatchRequest, CodeBatchResponse } from '../../../shared/api/code-batches.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';
import { storedBatch } from './stored-batch.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('created'), replayed: z.boolean(), batch: storedBatch }),
  z.object({ status: z.enum(['not_an_operator', 'invalid_batch', 'unknown_package', 'key_reused']) }),
]);

const REFUSALS = {
  not_an_operator: ['forbidden', 'Only operators may issue codes.'],
  invalid_batch: ['invalid_request', 'expires_at: must lie ahead, by ten years at most'],
  unknown_package: ['unknown_package'],
  key_reused: [
    'idempotency_key_reused',
    'This Idempotency-Key issued another batch. Use a new key for a new batch.',
  ],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/**
 * Issues cards that belong to nobody, each with a code. The codes follow from the ids of the cards, so that neither
 * they nor this answer has to be kept: `exportCodeBatch` derives them again, once.
 * @throws Fault `forbidden`, `invalid_request`, `unknown_package`, `idempotency_key_reused`, `database_unavailable`
 */
export async function createCodeBatch(
  { config, database, logger }: Dependencies,
  request: CodeBatchRequest & { operatorId: string; idempotencyKey: string },
): Promise<CodeBatchResponse> {
  const { operatorId, kind, count } = request;
  const key = config.ACTIVATION_CODE_KEY;
  const cardIds = Array.from({ length: count }, () => randomUUID());
  const args = {
    p_operator_id: operatorId,
    p_key: `${operatorId}:${request.idempotencyKey}`,
    p_kind: kind,
    // The types know no null for an argument; to the function null is "not this one".
    p_package_id: (request.package_id ?? null) as string,
    p_minutes: (request.minutes ?? null) as number,
    p_count: count,
    p_usable_until: request.expires_at,
    p_note: request.note,
    p_card_ids: cardIds,
    p_code_hashes: cardIds.map((id) => hashActivationCode(key, deriveActivationCode(key, id))),
  };
  const answer = await callFunction(database, 'create_code_batch', args, answerSchema);
  if (answer.status !== 'created') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const { batch, replayed } = answer;
  const line = { operator_id: operatorId, batch_id: batch.id, kind, count, replayed };
  logger.info(line, 'a batch of codes was issued');
  return { batch, replayed };
}
