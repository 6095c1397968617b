import type { PricingResponse } from '../api/pricing.ts';
import type { DatabaseClient } from '../database/client.ts';
import { databaseFault } from '../database/database-fault.ts';

/**
 * The packages for sale, in the order they are shown.
 * @throws Fault `database_unavailable`
 */
export async function listPackages(client: DatabaseClient): Promise<PricingResponse> {
  const { data, error } = await client
    .from('pricing_tiers')
    .select('id, name, hours, bonus_minutes, total_minutes, price_cents, description, currency')
    .eq('active', true)
    .order('sort_order');
  if (error) throw databaseFault('pricing_tiers', error);
  const [currency = null, ...others] = new Set(data.map((tier) => tier.currency));
  return { currency: others.length === 0 ? currency : null, packages: data };
}
