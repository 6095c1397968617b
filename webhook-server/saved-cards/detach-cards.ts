import { z } from 'zod';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { askStripe } from '../payments/stripe-client.ts';

const payloadSchema = z.object({ customer_id: z.string().min(1) });
const PAGE_SIZE = 100;

/**
 * Removes all that a deleted person had kept at Stripe to pay with. Harmless to repeat. Their customer stays, as invoices and
 * refunds are of it.
 * @throws PermanentError, Fault `payment_misconfigured`, `payment_provider_unavailable`
 */
export const detachCards: JobHandler = async ({ stripe }, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no customer');
  const customer = parsed.data.customer_id;
  let count = 0;
  for (;;) {
    const methods = await askStripe(() => stripe.paymentMethods.list({ customer, limit: PAGE_SIZE }));
    if (methods === null) return 'customer_is_gone';
    for (const { id } of methods.data) await askStripe(() => stripe.paymentMethods.detach(id));
    count += methods.data.length;
    if (!methods.has_more || methods.data.length === 0) return count === 0 ? 'none' : 'done';
  }
};
