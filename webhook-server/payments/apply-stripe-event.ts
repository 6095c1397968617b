import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { deriveActivationCode, hashActivationCode } from '../time-cards/activation-code.ts';
import { decideMoves, type Move, type Payment, type StoredPurchase } from './decide-moves.ts';
import { fetchPayment, type PaymentEvent } from './fetch-payment.ts';

const answerSchema = z.object({ status: z.string() });

async function readPurchase(database: DatabaseClient, purchaseId: string): Promise<StoredPurchase | null> {
  const { data, error } = await database
    .from('payment_history')
    .select('status, payment_intent_id')
    .eq('id', purchaseId)
    .maybeSingle();
  if (error) throw new Fault('database_unavailable', undefined, { cause: error });
  return data === null ? null : { status: data.status, intentId: data.payment_intent_id };
}

async function applyMove(
  deps: Dependencies,
  move: Move,
  facts: { eventType: string; purchaseId: string; payment: Payment },
): Promise<string> {
  const { eventType, purchaseId, payment } = facts;
  const event = {
    p_event_id: move.eventId,
    p_event_type: eventType,
    p_payment_intent_id: payment.intentId,
  };
  const answer = await (() => {
    switch (move.kind) {
      case 'paid': {
        // The card will have the purchase's id, so its code is known before the card exists.
        const code = deriveActivationCode(deps.config.ACTIVATION_CODE_KEY, purchaseId);
        const paid = {
          ...event,
          p_purchase_id: purchaseId,
          p_amount_received_cents: payment.receivedCents,
          p_currency: payment.currency,
          p_code_hash: hashActivationCode(deps.config.ACTIVATION_CODE_KEY, code),
        };
        return callFunction(deps.database, 'apply_paid_intent', paid, answerSchema);
      }
      case 'unpaid': {
        const { status, failureCode } = move;
        const unpaid = { p_purchase_id: purchaseId, p_status: status, p_failure_code: failureCode };
        return callFunction(deps.database, 'apply_unpaid_intent', { ...event, ...unpaid }, answerSchema);
      }
      case 'refund': {
        const refund = { ...event, p_refunded_cents: payment.refundedCents };
        return callFunction(deps.database, 'apply_refund', refund, answerSchema);
      }
    }
  })();
  return answer.status;
}

/**
 * Applies what an event hints at: fetches the payment from Stripe and brings its purchase to the same
 * state, each move in one transaction with the event's row. Webhooks and the reconciler both end here.
 * @returns what became of it: `applied`, `already_applied`, `duplicate_event`, `review`, `not_ours` or
 *   `under_way`
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`: send the event again
 */
export async function applyStripeEvent(
  deps: Dependencies,
  event: PaymentEvent,
  source: 'webhook' | 'reconciler',
): Promise<string> {
  const outcome = await (async () => {
    const fetched = await fetchPayment(deps.stripe, event);
    if (fetched === null) return 'not_ours';
    const purchase = await readPurchase(deps.database, fetched.purchaseId);
    if (purchase === null) return 'not_ours';
    let last = 'under_way';
    for (const move of decideMoves(fetched.payment, purchase, event.id)) {
      last = await applyMove(deps, move, { eventType: event.type, ...fetched });
    }
    return last;
  })();
  deps.metrics.stripeEvents.inc({ source, type: event.type, outcome });
  const line = { event_id: event.id, type: event.type, source, outcome };
  if (outcome === 'review')
    deps.logger.error(line, 'a payment does not fit its purchase: look at it in Stripe');
  else deps.logger.info(line, 'a Stripe event was handled');
  return outcome;
}
