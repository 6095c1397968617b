import { z } from 'zod';
import type { StripeReceiptResponse } from '../../shared/api/purchases.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

const answerSchema = z.object({ payment_intent_id: z.string().nullable() }).nullable();

/**
 * Where Stripe shows its receipt (https://docs.stripe.com/receipts). Asked for each time: the address ends after some
 * weeks, and then is another one.
 * @throws Fault `not_found`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function findStripeReceipt(
  { database, stripe }: Dependencies,
  userId: string,
  purchaseId: string,
): Promise<StripeReceiptResponse> {
  const args = { p_user_id: userId, p_purchase_id: purchaseId };
  const purchase = await callFunction(database, 'read_purchase', args, answerSchema);
  if (purchase === null) throw new Fault('not_found', 'You have bought nothing of this number.');
  const id = purchase.payment_intent_id;
  if (id === null) return { receipt_url: null };
  const intent = await askStripe(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }));
  const charge = intent?.latest_charge;
  return { receipt_url: typeof charge === 'object' && charge !== null ? charge.receipt_url : null };
}
