import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Purchase } from '../../shared/purchases/begin-purchase.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { isKeyUsedUp, isOutcomeUnknown, stripeFault } from './stripe-client.ts';

/** The idempotency key of a purchase's intent: made from what is stored, so it survives every restart. */
function purchaseKey({ id, stripe_attempt: attempt }: Pick<Purchase, 'id' | 'stripe_attempt'>): string {
  return attempt === 1 ? `purchase:${id}` : `purchase:${id}:${attempt}`;
}

/**
 * Creates the intent of a purchase under the purchase's own key, so that a repeat, after a crash too, finds what an
 * earlier try made. Stripe keeps a failure of its own (status 500) under the key and answers it again for a day: then
 * the purchase moves on to its next key, durably. That can leave a second intent behind, which is harmless as long as it
 * is not confirmed: not for requests that charge at once.
 * @throws Fault `payment_refused`, `payment_misconfigured`; `payment_provider_unavailable`: where Stripe did not answer, the purchase is `unknown` from now on, and
 *   the reconciler finds out
 */
export async function createForPurchase<Answer>(
  { database }: Dependencies,
  purchase: Pick<Purchase, 'id' | 'stripe_attempt'>,
  create: (options: { idempotencyKey: string }) => Promise<Answer>,
): Promise<Answer> {
  const tryOnce = async (attempt: number, isLast: boolean): Promise<Answer> => {
    try {
      return await create({ idempotencyKey: purchaseKey({ id: purchase.id, stripe_attempt: attempt }) });
    } catch (error) {
      if (isKeyUsedUp(error) && !isLast) {
        const args = { p_purchase_id: purchase.id, p_attempt: attempt };
        return tryOnce(await callFunction(database, 'next_stripe_attempt', args, z.int()), true);
      }
      if (isOutcomeUnknown(error)) {
        await callFunction(database, 'note_unknown_outcome', { p_purchase_id: purchase.id }, z.boolean());
      }
      throw stripeFault(error);
    }
  };
  return tryOnce(purchase.stripe_attempt, false);
}
