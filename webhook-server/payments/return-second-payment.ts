import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { isPermanent, PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { askStripe, stripeFault } from './stripe-client.ts';

const payloadSchema = z.object({ payment_intent_id: z.string().min(1) });
const PAGE_SIZE = 100;

/** Whether it went back, or is on its way, whoever sent it. */
async function isReturned({ stripe }: Dependencies, intentId: string): Promise<boolean> {
  const intent = await askStripe(() =>
    stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] }),
  );
  const refunds = await askStripe(() => stripe.refunds.list({ payment_intent: intentId, limit: PAGE_SIZE }));
  const counting = (refunds?.data ?? []).filter(({ status }) => status !== 'failed' && status !== 'canceled');
  const cents = counting.reduce((sum, { amount }) => sum + amount, 0);
  return intent !== null && cents >= intent.amount_received;
}

/**
 * Gives the money of a second intent back, whole: a purchase is paid once. Harmless to repeat: Stripe refunds no more than
 * was paid, and what was made is looked for first, as idempotency keys are forgotten after a day.
 * @throws PermanentError where it cannot be returned (the finding says so, and a person has to look), Fault
 *   `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export const returnSecondPayment: JobHandler = async (deps, { payload, attempt }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no intent');
  const intentId = parsed.data.payment_intent_id;
  if (await isReturned(deps, intentId)) return 'returned_before';
  const params: Stripe.RefundCreateParams = {
    payment_intent: intentId,
    reason: 'duplicate',
    metadata: { second_payment: intentId },
  };
  try {
    await deps.stripe.refunds.create(params, { idempotencyKey: `second_payment:${intentId}:${attempt}` });
    return 'returned';
  } catch (error) {
    const { StripeInvalidRequestError } = Stripe.errors;
    if (error instanceof StripeInvalidRequestError && error.code === 'charge_already_refunded') {
      return 'returned_before';
    }
    const fault = stripeFault(error);
    if (isPermanent(fault)) await noteRefusal(deps, intentId, fault.cause);
    throw fault;
  }
};

async function noteRefusal({ database }: Dependencies, intentId: string, refusal: unknown): Promise<void> {
  const why = refusal instanceof Error ? refusal.message : String(refusal);
  const args = {
    p_kind: 'second_payment',
    p_subject: intentId,
    p_detail: `a second payment could not be returned: ${why}`,
  };
  await callFunction(database, 'note_finding', args, z.boolean());
}
