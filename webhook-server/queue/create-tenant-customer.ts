import { z } from 'zod';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { findOrCreateTenantCustomer } from '../payments/find-or-create-tenant-customer.ts';

const payloadSchema = z.object({ tenant_id: z.uuid() });

/**
 * Gives a tenant its customer at Stripe. Harmless to repeat: the tenant's id is the idempotency key, and which has one keeps it.
 * @throws PermanentError, Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`,
 *   `database_unavailable`
 */
export const createTenantCustomer: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no tenant');
  const customer = await findOrCreateTenantCustomer(deps, parsed.data.tenant_id);
  return customer === null ? 'tenant_is_gone' : 'done';
};
