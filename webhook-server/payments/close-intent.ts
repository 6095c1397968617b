import Stripe from 'stripe';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from './stripe-client.ts';

/** For a purchase that cannot be paid any more because it was. */
export const PAID = 'This purchase is paid already, or its payment is on its way.';

/**
 * Makes sure that an intent can never be paid any more. Stripe decides it: an intent is either canceled or paid, even
 * where both are tried at the same moment (https://docs.stripe.com/api/payment_intents/cancel).
 * @throws Fault `purchase_closed` where it is paid or its money is on its way, `payment_provider_unavailable`
 */
export async function closeIntent({ stripe }: Dependencies, intentId: string): Promise<void> {
  const canceled = await askStripe(async () => {
    try {
      return await stripe.paymentIntents.cancel(intentId);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      // Not to be canceled: because it was before, or because money moved.
      return stripe.paymentIntents.retrieve(intentId);
    }
  });
  if (canceled !== null && canceled.status !== 'canceled') throw new Fault('purchase_closed', PAID);
}
