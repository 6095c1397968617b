import type { Catalogue } from '../api/pricing.ts';

/** What a stretch of time is worth at the smallest package's price and in its currency, rounded to whole cents. */
export function worthInCents(
  usedSeconds: number,
  { packages }: Catalogue,
): { cents: number; currency: string; name: string } | undefined {
  const smallest = packages.toSorted((a, b) => a.total_minutes - b.total_minutes)[0];
  if (!smallest) return undefined;
  const cents = Math.round((usedSeconds * smallest.price_cents) / (smallest.total_minutes * 60));
  return { cents, currency: smallest.currency, name: smallest.name };
}
