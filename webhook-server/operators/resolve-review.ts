import { z } from 'zod';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import type { ReviewRequest, ReviewResponse } from '../../shared/api/money-operations.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { refundPurchase } from './refund-purchase.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['succeeded', 'refused']), replayed: z.boolean() }),
  z.object({
    status: z.enum([
      'invalid_decision',
      'not_an_operator',
      'unknown_purchase',
      'own_purchase',
      'not_in_review',
      'nothing_to_release',
      'nobody_to_release_to',
    ]),
  }),
]);

const REFUSALS = {
  invalid_decision: ['invalid_request'],
  not_an_operator: ['forbidden', 'Only operators may decide this.'],
  unknown_purchase: ['not_found', 'There is no such purchase.'],
  own_purchase: ['forbidden', 'Ask another operator to decide about your own purchase.'],
  not_in_review: ['purchase_closed', 'This purchase is not under review.'],
  nobody_to_release_to: ['purchase_closed', 'Whoever it was bought for is gone: refuse it.'],
  nothing_to_release: ['purchase_closed', 'No payment of its own came for this purchase: refuse it.'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/** All that was received goes back; what cannot be refunded (already, or by a dispute) is no reason to stop. */
async function refundAll(deps: Dependencies, review: Review): Promise<number> {
  const { purchaseId, operatorId, reason } = review;
  const refund = { purchaseId, operatorId, reason, idempotencyKey: `refuse:${purchaseId}` };
  try {
    return (await refundPurchase(deps, refund)).refunded_cents;
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_refundable') return 0;
    throw error;
  }
}

type Review = ReviewRequest & { operatorId: string; purchaseId: string };

/**
 * Ends a review: the time is given for the money that came, or the money goes back. Harmless to repeat.
 * @throws Fault `forbidden`, `invalid_request`, `not_found`, `purchase_closed`, `payment_provider_unavailable` (refused,
 *   and the refund is not made yet: repeat it), `database_unavailable`
 */
export async function resolveReview(deps: Dependencies, review: Review): Promise<ReviewResponse> {
  const { purchaseId, operatorId, decision, reason } = review;
  const { ACTIVATION_CODE_KEY: codeKey } = deps.config;
  const args = {
    p_purchase_id: purchaseId,
    p_decision: decision,
    p_operator_id: operatorId,
    p_reason: reason,
    p_code_hash: hashActivationCode(codeKey, deriveActivationCode(codeKey, purchaseId)),
  };
  const answer = await callFunction(deps.database, 'resolve_review', args, answerSchema);
  if (answer.status !== 'succeeded' && answer.status !== 'refused') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  deps.logger.info({ operator_id: operatorId, purchase_id: purchaseId, decision }, 'a review was ended');
  const refunded_cents = answer.status === 'refused' ? await refundAll(deps, review) : 0;
  return { status: answer.status, refunded_cents };
}
