import { z } from 'zod';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { readContact } from '../payments/find-or-create-customer.ts';
import { readTenantContact } from '../payments/find-or-create-tenant-customer.ts';
import { askStripe } from '../payments/stripe-client.ts';

const payloadSchema = z.object({ user_id: z.uuid() });

/**
 * Copies a person's e-mail address and name, as they are now, to their customer at Stripe, so that its pages show them,
 * too. Harmless to repeat, and in any order.
 * @throws PermanentError, Fault `payment_refused` (such as an address that Stripe does not take),
 *   `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export const updateCustomer: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no person');
  const person = await readContact(deps, parsed.data.user_id);
  if (person === null) return 'person_is_gone';
  const { stripeCustomerId: id, email, name } = person;
  // Whoever makes one later makes it of what is true then.
  if (id === null) return 'has_none';
  const updated = await askStripe(() => deps.stripe.customers.update(id, { email, name }));
  return updated === null ? 'customer_is_gone' : 'done';
};

const tenantPayload = z.object({ tenant_id: z.uuid() });

/** The same of a tenant: its name, and where its invoices go. */
export const updateTenantCustomer: JobHandler = async (deps, { payload }) => {
  const parsed = tenantPayload.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no tenant');
  const contact = await readTenantContact(deps, parsed.data.tenant_id);
  if (contact.status === 'unknown_tenant') return 'tenant_is_gone';
  const { customer, name, email } = contact;
  if (customer === null) return 'has_none';
  const updated = await askStripe(() =>
    deps.stripe.customers.update(customer, { name, ...(email !== null && { email }) }),
  );
  return updated === null ? 'customer_is_gone' : 'done';
};
