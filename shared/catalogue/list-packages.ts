import type { Catalogue, Package } from '../api/pricing.ts';
import type { DatabaseClient } from '../database/client.ts';
import { databaseFault } from '../database/database-fault.ts';
import { microsOfSmallestUnit } from '../units.ts';

type Tier = Omit<Package, 'price_per_minute_micros' | 'best_value'>;

/** By the exact fractions, so that no rounding decides. */
const isCheaper = (one: Tier, other: Tier) =>
  one.price_cents * other.total_minutes < other.price_cents * one.total_minutes;

/** With what a minute costs in each, and which is the best value: one that beats all others, or none. */
export function comparePackages(tiers: readonly Tier[]): Package[] {
  return tiers.map((tier) => {
    const others = tiers.filter((other) => other !== tier && other.currency === tier.currency);
    const micros = tier.price_cents * microsOfSmallestUnit(tier.currency);
    return {
      ...tier,
      price_per_minute_micros: Math.round(micros / tier.total_minutes),
      best_value: others.length > 0 && others.every((other) => isCheaper(tier, other)),
    };
  });
}

/**
 * The packages for sale, in the order they are shown.
 * @throws Fault `database_unavailable`
 */
export async function listPackages(client: DatabaseClient): Promise<Catalogue> {
  const { data, error } = await client
    .from('pricing_tiers')
    .select('id, name, hours, minutes, bonus_minutes, total_minutes, price_cents, description, currency')
    .eq('active', true)
    .order('sort_order');
  if (error) throw databaseFault('pricing_tiers', error);
  const [currency = null, ...others] = new Set(data.map((tier) => tier.currency));
  return { currency: others.length === 0 ? currency : null, packages: comparePackages(data) };
}
