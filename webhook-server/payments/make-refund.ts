import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeFailure } from '../base/failures.ts';
import { askStripe, isOutcomeUnknown, stripeFault } from './stripe-client.ts';

/** A row of `operator_refunds`. */
export const notedRefund = z.object({
  id: z.uuid(),
  amount_cents: z.int(),
  attempt: z.int(),
  stripe_refund_id: z.string().nullable(),
  refusal: z.string().nullable(),
});
export type NotedRefund = z.infer<typeof notedRefund>;

const PAGE_SIZE = 100;

/** What an earlier try made, whose answer was lost: idempotency keys are forgotten after a day, names are not. */
async function findMade(
  { stripe }: Dependencies,
  refundId: string,
  intentId: string,
): Promise<string | null> {
  const made = await askStripe(() => stripe.refunds.list({ payment_intent: intentId, limit: PAGE_SIZE }));
  return made?.data.find(({ metadata }) => metadata?.operator_refund === refundId)?.id ?? null;
}

/** A refusal is for good: a repeat under the same key must not refund after all. */
async function noteRefusal(deps: Dependencies, refund: NotedRefund, error: Error): Promise<never> {
  const refusal = describeFailure(error);
  const args = { p_refund_id: refund.id, p_stripe_refund_id: null, p_refusal: refusal };
  await callFunction(deps.database, 'finish_operator_refund', args as never, z.boolean());
  throw new Fault('not_refundable', `Stripe refuses this refund: ${error.message}`, { cause: error });
}

async function createRefund(deps: Dependencies, refund: NotedRefund, intentId: string): Promise<string> {
  const { id, amount_cents: amount, attempt } = refund;
  const params: Stripe.RefundCreateParams = {
    payment_intent: intentId,
    amount,
    reason: 'requested_by_customer',
    metadata: { operator_refund: id },
  };
  const idempotencyKey = attempt === 1 ? `refund:${id}` : `refund:${id}:${attempt}`;
  try {
    return (await deps.stripe.refunds.create(params, { idempotencyKey })).id;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError) return noteRefusal(deps, refund, error);
    if (error instanceof Stripe.errors.StripeAPIError) {
      // Stripe keeps this answer under the key for a day. The next try has another key, after a look at what was made.
      const args = { p_refund_id: id, p_attempt: attempt };
      await callFunction(deps.database, 'next_refund_attempt', args, z.int());
    }
    const detail = isOutcomeUnknown(error) ? 'It is not known whether the refund was made.' : undefined;
    throw stripeFault(error, detail);
  }
}

/**
 * Makes a noted refund at Stripe, once, however often it is asked for.
 * @param isRepeat looks first for what an earlier try made
 * @returns the refund's id at Stripe
 * @throws Fault `not_refundable`; `payment_provider_unavailable`: ask again, nothing is refunded twice
 */
export async function makeRefund(
  deps: Dependencies,
  refund: NotedRefund,
  intentId: string,
  isRepeat: boolean,
): Promise<string> {
  if (refund.stripe_refund_id !== null) return refund.stripe_refund_id;
  if (refund.refusal !== null) throw new Fault('not_refundable', `Stripe refused it: ${refund.refusal}`);
  const found = isRepeat ? await findMade(deps, refund.id, intentId) : null;
  const refundId = found ?? (await createRefund(deps, refund, intentId));
  const args = { p_refund_id: refund.id, p_stripe_refund_id: refundId, p_refusal: null };
  await callFunction(deps.database, 'finish_operator_refund', args as never, z.boolean());
  return refundId;
}
