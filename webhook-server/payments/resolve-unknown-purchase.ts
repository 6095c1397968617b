import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyPayment } from './apply-payment.ts';
import { eachOf } from './each-of.ts';
import { fetchPaymentOfIntent, purchaseIdOf } from './fetch-payment-of-intent.ts';
import { customerOf } from './find-or-create-customer.ts';
import type { StoredPurchase } from './read-purchases.ts';
import { askStripe } from './stripe-client.ts';

/** Stripe gives up on a request after 80 seconds; what is not there by then was never made. */
const SURELY_OVER_SECONDS = 600;
const PAGE_SIZE = 100;

async function findIntentOf(
  deps: Dependencies,
  purchaseId: string,
  customer: string,
): Promise<string | null> {
  const list = (after: object) => deps.stripe.paymentIntents.list({ ...after, customer, limit: PAGE_SIZE });
  for await (const page of eachOf(list)) {
    const intent = page.find(({ metadata }) => purchaseIdOf(metadata) === purchaseId);
    if (intent !== undefined) return intent.id;
  }
  return null;
}

/** True while a page of Stripe's own can still take the money. */
async function hasOpenPage(deps: Dependencies, purchaseId: string, customer: string): Promise<boolean> {
  const sessions = await askStripe(() =>
    deps.stripe.checkout.sessions.list({ customer, status: 'open', limit: PAGE_SIZE }),
  );
  const isOfPurchase = (metadata: Record<string, string> | null, reference: string | null) =>
    purchaseIdOf(metadata, { purchase_id: reference ?? '' }) === purchaseId;
  return sessions?.data.some((one) => isOfPurchase(one.metadata, one.client_reference_id)) ?? false;
}

/**
 * Finds out what became of a purchase whose payment Stripe was asked for, but never answered: by its name in the
 * metadata, because idempotency keys are forgotten after a day. Of two intents the newer one counts; the client
 * secret of neither was given to anybody.
 * @returns `found` (attached, and applied), `open` (still to be paid on a page of Stripe's), `never_made`, or `waiting`
 *   while a request may still be under way
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function resolveUnknownPurchase(
  deps: Dependencies,
  purchase: StoredPurchase,
): Promise<'found' | 'open' | 'never_made' | 'waiting'> {
  const customer = await customerOf(deps, purchase.userId);
  if (customer !== null) {
    const intentId = await findIntentOf(deps, purchase.id, customer);
    if (intentId !== null) {
      const attached = { p_purchase_id: purchase.id, p_payment_intent_id: intentId };
      await callFunction(deps.database, 'attach_payment_intent', attached, z.boolean());
      const fetched = await fetchPaymentOfIntent(deps.stripe, intentId, true);
      if (fetched !== null) await applyPayment(deps, fetched, null);
      return 'found';
    }
    if (await hasOpenPage(deps, purchase.id, customer)) return 'open';
  }
  const args = { p_purchase_id: purchase.id, p_older_than_seconds: SURELY_OVER_SECONDS };
  return (await callFunction(deps.database, 'end_purchase_unmade', args, z.boolean()))
    ? 'never_made'
    : 'waiting';
}
