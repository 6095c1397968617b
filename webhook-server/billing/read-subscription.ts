import type { z } from 'zod';
import { planSubscriptionResponse } from '../../shared/api/billing.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** Who asks about which subscription. */
export type Asked = { tenantId: string; subscriptionId: string };
export type PlanSubscription = z.infer<typeof planSubscriptionResponse>;

/**
 * A subscription as it is known here, with where its latest invoice is paid.
 * @throws Fault `not_found` also for one of another tenant, `database_unavailable`
 */
export async function readSubscription(
  { database }: Dependencies,
  { tenantId, subscriptionId }: Asked,
): Promise<PlanSubscription> {
  const known = planSubscriptionResponse.omit({ hosted_invoice_url: true }).nullable();
  const found = await callFunction(
    database,
    'read_subscription',
    { p_subscription_id: subscriptionId },
    known,
  );
  if (found === null || found.tenant_id !== tenantId)
    throw new Fault('not_found', 'This tenant has no such subscription.');
  const invoices = database.from('billing_invoices').select('status, hosted_url');
  const { data, error } = await invoices
    .eq('subscription_id', subscriptionId)
    .order('created_at', { ascending: false })
    .limit(1)
    .maybeSingle();
  if (error) throw databaseFault('billing_invoices', error);
  return { ...found, hosted_invoice_url: data?.status === 'open' ? data.hosted_url : null };
}
