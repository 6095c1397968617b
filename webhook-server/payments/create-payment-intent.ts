import type Stripe from 'stripe';
import { z } from 'zod';
import type { CreatePaymentIntentResponse, PurchaseFor } from '../../shared/api/payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { type BegunPurchase, beginPurchase, type Purchase } from '../../shared/purchases/begin-purchase.ts';
import type { Dependencies } from '../dependencies.ts';
import { findOrCreateCustomer } from './find-or-create-customer.ts';
import { askStripe } from './stripe-client.ts';

export type PurchaseRequest = {
  userId: string;
  packageId: string;
  purpose: PurchaseFor;
  idempotencyKey: string;
};

/** The purchase's id names the attempt at Stripe too, so a repeat after a crash finds the same intent. */
async function createIntent(
  deps: Dependencies,
  userId: string,
  begun: BegunPurchase,
): Promise<Stripe.PaymentIntent | null> {
  const { purchase, stripeCustomerId, email } = begun;
  const customer = await findOrCreateCustomer(deps, { userId, email, stripeCustomerId });
  const intent = await askStripe(() =>
    deps.stripe.paymentIntents.create(
      {
        amount: purchase.amount_cents,
        currency: purchase.currency,
        customer,
        automatic_payment_methods: { enabled: true },
        description: `Time card: ${purchase.package_id}`,
        metadata: {
          purchase_id: purchase.id,
          user_id: userId,
          package_id: purchase.package_id,
          for: purchase.purpose,
        },
      },
      { idempotencyKey: `purchase:${purchase.id}` },
    ),
  );
  if (intent === null) return null;
  const args = { p_purchase_id: purchase.id, p_payment_intent_id: intent.id };
  // Stripe forgets an idempotency key after a day or more. An intent made anew then loses to the attached
  // one; it can never be paid, because its client secret was given to nobody.
  return (await callFunction(deps.database, 'attach_payment_intent', args, z.boolean())) ? intent : null;
}

function isOpen(purchase: Purchase): boolean {
  return purchase.status !== 'canceled' && purchase.status !== 'review';
}

/**
 * Begins a purchase, or finds the one that this key began, and its payment intent. Harmless to repeat at
 * any point: nothing is paid here, and the same key always leads to the same intent. A purchase that is
 * paid already answers its intent again, and the client sees there that it is paid.
 * @throws Fault `unknown_package`, `idempotency_key_reused`, `purchase_closed`,
 *   `payment_provider_unavailable`, `database_unavailable`, `not_signed_in`
 */
export async function createPaymentIntent(
  deps: Dependencies,
  request: PurchaseRequest,
): Promise<CreatePaymentIntentResponse> {
  const begun = await beginPurchase(deps.database, request);
  const { purchase } = begun;
  if (!isOpen(purchase)) throw new Fault('purchase_closed');
  const intentId = purchase.payment_intent_id;
  const intent =
    intentId === null
      ? await createIntent(deps, request.userId, begun)
      : await askStripe(() => deps.stripe.paymentIntents.retrieve(intentId));
  if (intent === null || intent.status === 'canceled' || intent.client_secret === null) {
    throw new Fault('purchase_closed');
  }
  return {
    payment_intent_id: intent.id,
    client_secret: intent.client_secret,
    amount_cents: purchase.amount_cents,
    currency: purchase.currency,
    package_id: purchase.package_id,
  };
}
