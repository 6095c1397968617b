import type Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { purchaseIdOf } from './fetch-payment-of-intent.ts';
import { askStripe } from './stripe-client.ts';

/**
 * Notes whether the buyer consents to keeping the card of this payment, and tells Stripe
 * (https://docs.stripe.com/payments/save-during-payment). The consent is in the books before Stripe may keep anything,
 * and is taken out of them only when Stripe keeps nothing any more.
 * @param keep undefined changes nothing
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function setCardConsent(
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
