import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { applyPayment } from './apply-payment.ts';
import { fetchPaymentOfIntent } from './fetch-payment-of-intent.ts';

/** Of one run: what was paid before fees were kept is asked for bit by bit. */
const MAX_PAYMENTS = 50;
/** Stripe may know the fee of a payment minutes or days later than the payment. */
const AGAIN_AFTER_SECONDS = 3600;

const wantedSchema = z.array(z.object({ purchase_id: z.uuid(), payment_intent_id: z.string() }));

/**
 * Asks Stripe for what it keeps of payments of which nobody knows that yet. One that is not found out is asked for again.
 * @throws Fault `database_unavailable`
 */
export async function findMissingFees(deps: Dependencies): Promise<void> {
  const args = { p_limit: MAX_PAYMENTS, p_older_than_seconds: AGAIN_AFTER_SECONDS };
  const wanted = await callFunction(deps.database, 'take_fees_wanted', args, wantedSchema);
  for (const { purchase_id, payment_intent_id } of wanted) {
    try {
      const fetched = await fetchPaymentOfIntent(deps.stripe, payment_intent_id, false);
      if (fetched !== null) await applyPayment(deps, fetched, null);
    } catch (error) {
      const line = { purchase_id, cause: describeCause(error) };
      deps.logger.warn(line, 'what Stripe keeps of a payment could not be found out; it is tried again');
    }
  }
}
