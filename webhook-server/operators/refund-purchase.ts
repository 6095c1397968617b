import { z } from 'zod';
import type { RefundRequest, RefundResponse } from '../../shared/api/money-operations.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyPayment } from '../payments/apply-payment.ts';
import { fetchPaymentOfIntent } from '../payments/fetch-payment-of-intent.ts';
import { makeRefund, notedRefund } from '../payments/make-refund.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ready'),
    refund: notedRefund,
    replayed: z.boolean(),
    payment_intent_id: z.string(),
  }),
  z.object({ status: z.literal('not_so_much_left'), left_cents: z.int() }),
  z.object({
    status: z.enum([
      'invalid_refund',
      'not_an_operator',
      'unknown_purchase',
      'own_purchase',
      'key_reused',
      'not_paid',
    ]),
  }),
]);

const REFUSALS = {
  invalid_refund: ['invalid_request'],
  not_an_operator: ['forbidden', 'Only operators may refund.'],
  unknown_purchase: ['not_found', 'There is no such purchase.'],
  own_purchase: ['forbidden', 'Ask another operator to refund your own purchase.'],
  key_reused: [
    'idempotency_key_reused',
    'This Idempotency-Key made another refund. Use a new key for a new refund.',
  ],
  not_paid: ['not_refundable', 'This purchase was never paid.'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/** Brings the card in line with the refund at once; should that fail, the webhook does it. */
async function applyNow(deps: Dependencies, intentId: string): Promise<void> {
  const fetched = await fetchPaymentOfIntent(deps.stripe, intentId, true);
  if (fetched !== null) await applyPayment(deps, fetched, null);
}

async function readSums({ database }: Dependencies, purchaseId: string) {
  const { data, error } = await database
    .from('purchases')
    .select('refunded_cents, clawed_back_seconds')
    .eq('id', purchaseId)
    .single();
  if (error) throw databaseFault('purchases', error);
  return { refunded_cents: data.refunded_cents, taken_back_seconds: data.clawed_back_seconds };
}

/**
 * Gives money back, and takes its share of the time back: from the card's remainder first, then as debt. The amount
 * is frozen and noted before Stripe is asked, so that a repeat with the same key, whenever it comes, is the same
 * refund. The key counts for this operator only.
 * @throws Fault `forbidden`, `invalid_request`, `not_found`, `idempotency_key_reused`, `not_refundable`,
 *   `payment_provider_unavailable` (the outcome is unknown: repeat it with the same key), `database_unavailable`
 */
export async function refundPurchase(
  deps: Dependencies,
  request: RefundRequest & { operatorId: string; purchaseId: string; idempotencyKey: string },
): Promise<RefundResponse> {
  const { operatorId, purchaseId, amount_cents, reason, idempotencyKey } = request;
  const args = {
    p_purchase_id: purchaseId,
    p_operator_id: operatorId,
    p_amount_cents: amount_cents ?? null,
    p_reason: reason,
    p_key: `${operatorId}:${idempotencyKey}`,
  };
  // The generated types know no nullable arguments.
  const answer = await callFunction(deps.database, 'begin_operator_refund', args as never, answerSchema);
  if (answer.status === 'not_so_much_left') {
    throw new Fault('not_refundable', `Only ${answer.left_cents} cents are left to refund.`);
  }
  if (answer.status !== 'ready') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const { refund, replayed, payment_intent_id: intentId } = answer;
  const refundId = await makeRefund(deps, refund, intentId, replayed);
  await applyNow(deps, intentId);
  deps.logger.info(
    { operator_id: operatorId, purchase_id: purchaseId, refund_id: refundId, replayed },
    'a purchase was refunded',
  );
  const sums = await readSums(deps, purchaseId);
  return { refund_id: refundId, amount_cents: refund.amount_cents, ...sums, replayed };
}
