import type Stripe from 'stripe';
import { z } from 'zod';
import type { CreatePaymentIntentResponse, PurchaseFor } from '../../shared/api/payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import {
  type BegunPurchase,
  beginPurchase,
  type GiftWish,
  type Purchase,
} from '../../shared/purchases/begin-purchase.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { createForPurchase } from './create-for-purchase.ts';
import { purchaseIdOf } from './fetch-payment-of-intent.ts';
import { findOrCreateCustomer } from './find-or-create-customer.ts';
import { askStripe } from './stripe-client.ts';

/**
 * Notes whether the buyer consents to keeping the card of this payment, and tells Stripe
 * (https://docs.stripe.com/payments/save-during-payment). The consent is in the books before Stripe may keep anything,
 * and is taken out of them only when Stripe keeps nothing any more.
 * @param keep undefined changes nothing
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
async function setCardConsent(
  { stripe, database }: Dependencies,
  intent: Stripe.PaymentIntent,
  keep: boolean | undefined,
): Promise<void> {
  const purchaseId = purchaseIdOf(intent.metadata);
  const isKept = intent.setup_future_usage === 'off_session';
  const isOver = intent.status === 'succeeded' || intent.status === 'processing';
  if (keep === undefined || keep === isKept || isOver || purchaseId === null) return;
  const note = () =>
    callFunction(database, 'note_card_consent', { p_purchase_id: purchaseId, p_consent: keep }, z.boolean());
  const tellStripe = () =>
    askStripe(() =>
      stripe.paymentIntents.update(intent.id, { setup_future_usage: keep ? 'off_session' : '' }),
    );
  if (keep) await note();
  await tellStripe();
  if (!keep) await note();
}

export type PurchaseRequest = {
  userId: string;
  packageId: string;
  purpose: PurchaseFor;
  /** Whom it is for, where it is a tenant. */
  tenantId?: string | undefined;
  idempotencyKey: string;
  gift?: GiftWish;
  /** Whether the card may be kept for later payments; undefined changes nothing. */
  keepCard?: boolean | undefined;
};

/** The purchase's id names the attempt at Stripe too, so a repeat after a crash finds the same intent. */
async function createIntent(
  deps: Dependencies,
  userId: string,
  begun: BegunPurchase,
): Promise<Stripe.PaymentIntent> {
  const { purchase, stripeCustomerId } = begun;
  const params: Stripe.PaymentIntentCreateParams = {
    amount: purchase.amount_cents,
    currency: purchase.currency,
    customer: await findOrCreateCustomer(deps, { userId, stripeCustomerId }),
    // A buyer may be in the middle of a call: no payment method may lead away from the page.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    description: `Time card: ${purchase.package_id}`,
    metadata: {
      purchase_id: purchase.id,
      user_id: userId,
      package_id: purchase.package_id,
      for: purchase.purpose,
      price_cents: String(purchase.amount_cents),
    },
  };
  return createForPurchase(deps, purchase, (options) => deps.stripe.paymentIntents.create(params, options));
}

/**
 * The one intent of a purchase. Where two were made, the one attached first counts; the other can never be
 * paid, because its client secret is given to nobody.
 */
async function findIntent(
  deps: Dependencies,
  request: PurchaseRequest,
): Promise<Stripe.PaymentIntent | null> {
  let begun = await beginPurchase(deps.database, request);
  if (CLOSED.includes(begun.purchase.status)) return null;
  if (begun.purchase.checkout_expires_at !== null && begun.purchase.status !== 'succeeded') {
    throw new Fault('checkout_open');
  }
  if (begun.purchase.payment_intent_id === null) {
    const intent = await createIntent(deps, request.userId, begun);
    const args = { p_purchase_id: begun.purchase.id, p_payment_intent_id: intent.id };
    if (await callFunction(deps.database, 'attach_payment_intent', args, z.boolean())) return intent;
    begun = await beginPurchase(deps.database, request);
  }
  const attached = begun.purchase.payment_intent_id;
  return attached === null ? null : askStripe(() => deps.stripe.paymentIntents.retrieve(attached));
}

const CLOSED: readonly Purchase['status'][] = ['canceled', 'review', 'refused'];

/**
 * Begins a purchase, or finds the one that this key began, and its payment intent. Harmless to repeat at
 * any point: nothing is paid here, and the same key always leads to the same intent. A purchase that is
 * paid already answers its intent again, and the client sees there that it is paid.
 * @throws Fault `unknown_package`, `idempotency_key_reused`, `purchase_closed`, `checkout_open`,
 *   `payment_provider_unavailable`, `database_unavailable`, `not_signed_in`
 */
export async function createPaymentIntent(
  deps: Dependencies,
  request: PurchaseRequest,
): Promise<CreatePaymentIntentResponse> {
  const intent = await findIntent(deps, request);
  if (intent === null || intent.status === 'canceled' || intent.client_secret === null) {
    throw new Fault('purchase_closed');
  }
  await setCardConsent(deps, intent, request.keepCard);
  return {
    payment_intent_id: intent.id,
    client_secret: intent.client_secret,
    amount_cents: intent.amount,
    currency: intent.currency,
    package_id: request.packageId,
  };
}
