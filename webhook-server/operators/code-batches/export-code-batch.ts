import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { formatActivationCode } from '../../../shared/activation-codes/code.ts';
import { deriveActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';
import { storedBatch } from './stored-batch.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('exported'), batch: storedBatch, card_ids: z.array(z.uuid()) }),
  z.object({ status: z.enum(['not_an_operator', 'unknown_batch', 'revoked', 'already_exported']) }),
]);

const REFUSALS = {
  not_an_operator: ['forbidden', 'Only operators may export codes.'],
  unknown_batch: ['not_found', 'There is no such batch.'],
  revoked: ['code_revoked', 'This batch was revoked: its codes open nothing.'],
  already_exported: ['codes_exported'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/**
 * The codes of a batch as CSV (RFC 4180), once: who has them after that is known by the record of the export.
 * @throws Fault `forbidden`, `not_found`, `code_revoked`, `codes_exported`, `database_unavailable`
 */
export async function exportCodeBatch(
  { config, database, logger }: Dependencies,
  request: { operatorId: string; batchId: string; reason?: string | undefined },
): Promise<string> {
  // Its own name, so that a request to the database that is sent again is the same export.
  const args = {
    p_operator_id: request.operatorId,
    p_batch_id: request.batchId,
    p_export_id: randomUUID(),
    ...(request.reason !== undefined && { p_reason: request.reason }),
  };
  const answer = await callFunction(database, 'export_code_batch', args, answerSchema);
  if (answer.status !== 'exported') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const { batch, card_ids: cardIds } = answer;
  const line = { operator_id: request.operatorId, batch_id: batch.id, count: cardIds.length };
  logger.info(line, 'the codes of a batch were exported');
  const codeOf = (cardId: string) =>
    formatActivationCode(deriveActivationCode(config.ACTIVATION_CODE_KEY, cardId));
  const rows = cardIds.map((cardId) => `${codeOf(cardId)},${batch.seconds},${batch.expires_at}`);
  return ['code,seconds,expires_at', ...rows, ''].join('\r\n');
}
