import { z } from 'zod';
import type { PlanCatalogue } from '../../shared/catalogue/plans.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { compareWithStripe } from './stripe-plans.ts';

const plansSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('set'),
    changes: z.array(z.object({ plan: z.string(), change: z.string(), fields: z.array(z.string()) })),
  }),
  z.object({ status: z.literal('refused'), reason: z.string() }),
]);
const ratesSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('set'), added: z.int(), changed: z.int(), unchanged: z.int() }),
  z.object({ status: z.literal('refused'), reason: z.string(), rate: z.string().nullish() }),
]);

export type Brought = {
  /** What was not as the catalogue says, in words. */
  changes: string[];
  /** What nobody but a person can mend. */
  problems: string[];
};

/** Rates of the file that are not in the books as they are. */
async function newRates({ database }: Dependencies, { rates }: PlanCatalogue): Promise<string[]> {
  const { data, error } = await database.from('rates').select('*');
  if (error) throw new Error(`the rates cannot be read: ${error.message}`);
  const nameOf = (one: {
    kind: string;
    provider?: string | null | undefined;
    model?: string | null | undefined;
    tool?: string | null | undefined;
    valid_from: string;
  }) =>
    [one.kind, one.provider, one.model, one.tool].filter(Boolean).join(' ') +
    ` from ${new Date(one.valid_from).toISOString()}`;
  const known = new Map(data.map((row) => [nameOf(row), row]));
  return rates.flatMap((rate) => {
    const name = nameOf(rate);
    const row = known.get(name);
    if (row === undefined) return [`rate ${name}: add`];
    const isSame =
      (row.cost_micros_usd_per_million ?? undefined) === rate.cost_micros_usd_per_million &&
      (row.price_micros_per_million ?? undefined) === rate.price_micros_per_million &&
      // A numeric of the database comes as text or as a number.
      (row.markup_percent === null ? undefined : Number(row.markup_percent)) === rate.markup_percent;
    return isSame ? [] : [`rate ${name}: change`];
  });
}

/**
 * Brings Stripe and the books to what the catalogue says. Harmless to repeat: a second time nothing differs.
 * @param dryRun only says what differs
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function bringCatalogue(
  deps: Dependencies,
  catalogue: PlanCatalogue,
  { dryRun }: { dryRun: boolean },
): Promise<Brought> {
  const changes: string[] = [];
  const problems: string[] = [];
  const steps = await compareWithStripe(deps, catalogue);
  for (const { words, make } of steps) {
    if (make === undefined) problems.push(words);
    else changes.push(words);
  }
  // What cannot be brought there must not be sold here.
  if (problems.length > 0) return { changes, problems };
  if (!dryRun) for (const { make } of steps) await make?.();
  const args = { p_plans: catalogue.plans, p_dry_run: dryRun };
  const plans = await callFunction(deps.database, 'set_catalogue', args, plansSchema);
  if (plans.status === 'refused') return { changes, problems: [`plans: ${plans.reason}`] };
  changes.push(
    ...plans.changes.map(({ plan, change, fields }) => `plan ${plan}: ${[change, ...fields].join(' ')}`),
  );
  changes.push(...(await newRates(deps, catalogue)));
  if (dryRun) return { changes, problems };
  const rates = await callFunction(deps.database, 'set_rates', { p_rates: catalogue.rates }, ratesSchema);
  if (rates.status === 'refused') problems.push(`rates: ${rates.reason} ${rates.rate ?? ''}`);
  return { changes, problems };
}
