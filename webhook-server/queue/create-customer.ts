import Stripe from 'stripe';
import { z } from 'zod';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { findOrCreateCustomer } from '../payments/find-or-create-customer.ts';

const payloadSchema = z.object({ user_id: z.uuid() });

/**
 * Gives a person their customer at Stripe. Harmless to repeat: the person's id is the idempotency key, and who has a
 * customer meanwhile, by a purchase, keeps it.
 * @throws PermanentError, Fault `payment_provider_unavailable`, `database_unavailable`
 */
export const createCustomer: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no person');
  const userId = parsed.data.user_id;
  const users = deps.database.from('users').select('email, stripe_customer_id').eq('id', userId);
  const { data: person, error } = await users.maybeSingle();
  if (error) throw databaseFault('users', error);
  if (person === null) return 'person_is_gone';
  if (person.stripe_customer_id !== null) return 'has_one';
  try {
    await findOrCreateCustomer(deps, { userId, email: person.email, stripeCustomerId: null });
  } catch (failure) {
    const cause = failure instanceof Fault ? failure.cause : failure;
    // Such as an address that Stripe does not take: it would be refused for ever.
    if (!(cause instanceof Stripe.errors.StripeInvalidRequestError)) throw failure;
    throw new PermanentError(`Stripe refuses this customer: ${cause.code ?? ''} ${cause.param ?? ''}`);
  }
  return 'done';
};
