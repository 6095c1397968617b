import { z } from 'zod';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { findOrCreateCustomer, readContact } from '../payments/find-or-create-customer.ts';

const payloadSchema = z.object({ user_id: z.uuid() });

/**
 * Gives a person their customer at Stripe. Harmless to repeat: the person's id is the idempotency key, and who has a
 * customer meanwhile, by a purchase, keeps it.
 * @throws PermanentError, Fault `payment_refused` (such as an address that Stripe does not take),
 *   `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export const createCustomer: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no person');
  const userId = parsed.data.user_id;
  const person = await readContact(deps, userId);
  if (person === null) return 'person_is_gone';
  if (person.stripeCustomerId !== null) return 'has_one';
  await findOrCreateCustomer(deps, { userId, stripeCustomerId: null });
  return 'done';
};
