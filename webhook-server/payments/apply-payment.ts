import { z } from 'zod';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { FetchedPayment } from './fetch-payment-of-intent.ts';
import type { EventHint } from './handled-events.ts';

const answerSchema = z.object({ status: z.string() });

/** What Stripe keeps, noted beside the books: it changes nobody's time, and where it gets lost it is asked for again. */
async function noteFee({ database }: Dependencies, { purchaseId, payment }: FetchedPayment): Promise<void> {
  if (payment.fee === null || payment.intentId === null) return;
  const args = {
    p_purchase_id: purchaseId,
    p_payment_intent_id: payment.intentId,
    p_fee_cents: payment.fee.cents,
    p_currency: payment.fee.currency,
  };
  await callFunction(database, 'note_payment_fee', args, answerSchema);
}

/**
 * Brings a purchase and its card to where its payment is, in one transaction with the row of the event that told of
 * it. Every fact only moves forward, so an older look at Stripe that comes late changes nothing.
 * @param event null for a comparison with Stripe, which no event asked for
 * @returns `applied`, `already_applied`, `duplicate_event`, `review`, `second_payment`, `other_intent` or `not_ours`
 * @throws Fault `database_unavailable`: apply it again
 */
export async function applyPayment(
  deps: Dependencies,
  fetched: FetchedPayment,
  event: EventHint | null,
): Promise<string> {
  const { config, database } = deps;
  const { purchaseId, payment } = fetched;
  // The card will have the purchase's id, so its code is known before the card exists.
  const code = deriveActivationCode(config.ACTIVATION_CODE_KEY, purchaseId);
  const args = {
    p_event_id: event?.id ?? null,
    p_event_type: event?.type ?? 'comparison',
    p_purchase_id: purchaseId,
    p_payment_intent_id: payment.intentId,
    p_status: payment.status,
    p_received_cents: payment.receivedCents,
    p_tax_cents: payment.taxCents,
    p_currency: payment.currency,
    p_failure_code: payment.failureCode ?? payment.status,
    p_refunds: payment.refunds,
    p_disputes: payment.disputes,
    p_code_hash: hashActivationCode(config.ACTIVATION_CODE_KEY, code),
  };
  // The generated types know no nullable arguments.
  const { status } = await callFunction(database, 'apply_payment', args as never, answerSchema);
  if (status === 'applied' || status === 'already_applied') await noteFee(deps, fetched);
  return status;
}
