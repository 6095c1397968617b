import { z } from 'zod';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { applyPayment } from './apply-payment.ts';
import { fetchPaymentOfIntent } from './fetch-payment-of-intent.ts';
import { makeRefund, notedRefund } from './make-refund.ts';

/** Younger ones are in somebody's hands. */
const CUT_OFF_AFTER_MS = 60_000;
const MAX_REFUNDS = 100;

const rowSchema = z.object({
  ...notedRefund.shape,
  purchases: z.object({ payment_intent_id: z.string() }),
});

async function findCutOff({ database, now }: Dependencies) {
  const { data, error } = await database
    .from('operator_refunds')
    .select('id, amount_cents, attempt, stripe_refund_id, refusal, purchases(payment_intent_id)')
    .is('stripe_refund_id', null)
    .is('refusal', null)
    .lt('created_at', new Date(now().getTime() - CUT_OFF_AFTER_MS).toISOString())
    .order('created_at')
    .limit(MAX_REFUNDS);
  if (error) throw databaseFault('operator_refunds', error);
  return z.array(rowSchema).parse(data);
}

/**
 * Takes up refunds that were noted and whose outcome at Stripe is unknown, as after a crash in between.
 * @returns how many failed again
 * @throws Fault `database_unavailable`
 */
export async function continueRefunds(deps: Dependencies): Promise<number> {
  let failures = 0;
  for (const { purchases: purchase, ...refund } of await findCutOff(deps)) {
    try {
      await makeRefund(deps, refund, purchase.payment_intent_id, true);
      const fetched = await fetchPaymentOfIntent(deps.stripe, purchase.payment_intent_id, true);
      if (fetched !== null) await applyPayment(deps, fetched, null);
    } catch (error) {
      // Refused for good is an end, and noted.
      if (error instanceof Fault && error.code === 'not_refundable') continue;
      failures++;
      const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
      deps.logger.error({ refund_id: refund.id, cause }, 'a refund could not be made; it is tried again');
    }
  }
  return failures;
}
