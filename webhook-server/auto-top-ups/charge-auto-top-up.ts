import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { createPaymentIntent } from '../payments/create-payment-intent.ts';

const payloadSchema = z.object({ charge_id: z.uuid() });
const claimSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('charge'),
    user_id: z.uuid(),
    package_id: z.string(),
    payment_method_id: z.string(),
    payment_intent_id: z.string().nullable(),
  }),
  /** Of one that was declined, with its intent. */
  z.object({ status: z.literal('ended'), payment_intent_id: z.string().nullable() }),
  z.object({ status: z.enum(['not_wanted', 'unknown_charge']) }),
]);

/** Its money moved, or is on its way: the purchase follows by webhook or by the reconciler. */
const PAID: readonly Stripe.PaymentIntent.Status[] = ['succeeded', 'processing', 'requires_capture'];

/** Whether Stripe refused for good what it was asked for. Everything else leaves the outcome open. */
function isRefused(error: unknown): boolean {
  const { StripeCardError, StripeInvalidRequestError } = Stripe.errors;
  return error instanceof StripeCardError || error instanceof StripeInvalidRequestError;
}

/**
 * Confirms the intent of a charge, unless that was done before. An intent succeeds once at most, however often and by
 * however many it is confirmed; one that was declined is not tried again.
 */
async function confirmOnce(
  { stripe }: Dependencies,
  intent: Stripe.PaymentIntent,
  charge: { id: string; paymentMethodId: string },
): Promise<Stripe.PaymentIntent> {
  const isUntouched =
    intent.status === 'requires_confirmation' || intent.status === 'requires_payment_method';
  if (!isUntouched || intent.last_payment_error !== null) return intent;
  const params = { payment_method: charge.paymentMethodId, off_session: true };
  try {
    return await stripe.paymentIntents.confirm(intent.id, params, {
      idempotencyKey: `auto_top_up:${charge.id}`,
    });
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Refused: because the card was declined, or because somebody else has confirmed it at this very moment.
    return stripe.paymentIntents.retrieve(intent.id);
  }
}

type Claim = Extract<z.infer<typeof claimSchema>, { status: 'charge' }>;

/** The intent of a charge; null where there is none that can be paid, and none is to be had. */
async function findIntent(
  deps: Dependencies,
  chargeId: string,
  { user_id: userId, package_id: packageId, payment_intent_id: attached }: Claim,
): Promise<Stripe.PaymentIntent | null> {
  const idempotencyKey = `auto_top_up:${chargeId}`;
  try {
    const begun = await createPaymentIntent(deps, { userId, packageId, purpose: 'me', idempotencyKey });
    return await deps.stripe.paymentIntents.retrieve(begun.payment_intent_id);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'purchase_closed') return null;
    // Refused for good before there was an intent, so that nothing can have been charged.
    if (error.code === 'payment_refused' && attached === null) return null;
    throw error;
  }
}

/**
 * Makes sure that nobody can pay an intent later.
 * @returns false where its money moved, or is on its way
 */
async function endIntent({ stripe }: Dependencies, intent: Stripe.PaymentIntent): Promise<boolean> {
  if (PAID.includes(intent.status)) return false;
  if (intent.status === 'canceled') return true;
  try {
    return (await stripe.paymentIntents.cancel(intent.id)).status === 'canceled';
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Ended by somebody else at this very moment: one way or the other.
    const { status } = await stripe.paymentIntents.retrieve(intent.id);
    if (status !== 'canceled' && !PAID.includes(status)) throw error;
    return status === 'canceled';
  }
}

/**
 * Charges one automatic top-up: one purchase, one intent attached to it in the database, one confirmation. Where Stripe
 * does not answer, it is asked again for the same intent, and until its end is known no other charge of this person is
 * begun.
 * @throws PermanentError, Fault and Stripe's errors where the outcome is open
 */
export const chargeAutoTopUp: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no charge');
  const args = { p_charge_id: parsed.data.charge_id };
  const claim = await callFunction(deps.database, 'claim_auto_top_up_charge', args, claimSchema);
  if (claim.status === 'ended' && claim.payment_intent_id !== null) {
    // The decline was heard of before its intent was over.
    await endIntent(deps, await deps.stripe.paymentIntents.retrieve(claim.payment_intent_id));
  }
  if (claim.status !== 'charge') return claim.status;
  const charge = { id: parsed.data.charge_id, paymentMethodId: claim.payment_method_id };
  const found = await findIntent(deps, charge.id, claim);
  const intent = found === null ? null : await confirmOnce(deps, found, charge);
  // It is over before it is called over.
  if (intent !== null && !(await endIntent(deps, intent))) return 'charged';
  await callFunction(deps.database, 'decline_auto_top_up_charge', args, z.object({ status: z.string() }));
  deps.logger.warn({ charge_id: charge.id, user_id: claim.user_id }, 'an automatic top-up was declined');
  return 'declined';
};
