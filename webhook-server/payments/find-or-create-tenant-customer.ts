import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from './stripe-client.ts';

const contactSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    customer: z.string().nullable(),
    name: z.string(),
    email: z.string().nullable(),
  }),
  z.object({ status: z.literal('unknown_tenant') }),
]);
const notedSchema = z.union([
  z.object({ status: z.enum(['noted', 'has_another']), customer: z.string() }),
  z.object({ status: z.enum(['unknown_tenant', 'malformed']) }),
]);

/** What Stripe is told of a tenant. @throws Fault `database_unavailable` */
export const readTenantContact = ({ database }: Dependencies, tenantId: string) =>
  callFunction(database, 'read_tenant_contact', { p_tenant_id: tenantId }, contactSchema);

/**
 * A tenant's customer at Stripe, made where it has none. The tenant's id is the idempotency key, so that two at once make one.
 * @returns null where there is no such tenant
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function findOrCreateTenantCustomer(
  deps: Dependencies,
  tenantId: string,
): Promise<string | null> {
  const { stripe, database } = deps;
  const contact = await readTenantContact(deps, tenantId);
  if (contact.status === 'unknown_tenant') return null;
  if (contact.customer !== null) return contact.customer;
  const { name, email } = contact;
  const params = { name, ...(email !== null && { email }), metadata: { tenant_id: tenantId } };
  const make = (key: string) => createAtStripe(key, (options) => stripe.customers.create(params, options));
  const made = await make(`customer:tenant:${tenantId}`);
  if (made === null) throw new Fault('payment_provider_unavailable');
  // For a day Stripe answers a key with what it made then, also where that was deleted since.
  const known = await askStripe(() => stripe.customers.retrieve(made.id));
  const isGone = known === null || known.deleted === true;
  const customer = isGone ? await make(`customer:tenant:${tenantId}:after:${made.id}`) : made;
  if (customer === null) throw new Fault('payment_provider_unavailable');
  const args = { p_tenant_id: tenantId, p_customer_at_stripe: customer.id };
  const noted = await callFunction(database, 'note_tenant_customer', args, notedSchema);
  return 'customer' in noted ? noted.customer : null;
}
