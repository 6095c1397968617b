import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

const DAY_SECONDS = 86_400;
/** What was sent within the last hour may not be counted yet. */
const SETTLED_SECONDS = 3_600;

const rowsSchema = z.array(
  z.object({
    tenant_id: z.uuid(),
    event_name: z.string(),
    customer: z.string(),
    day: z.iso.date(),
    delivered: z.string(),
    fresh: z.boolean(),
  }),
);
type Row = z.infer<typeof rowsSchema>[number];
const explainedSchema = z.object({
  status: z.literal('explained'),
  difference: z.string(),
  ours: z.string(),
  explanation: z.string(),
});

export type Compared = {
  tenant_id: string;
  event_name: string;
  day: string;
  ours: string;
  theirs: string;
  difference: string;
  explanation: string;
};

async function metersByName({ stripe }: Dependencies): Promise<Map<string, string>> {
  const meters = new Map<string, string>();
  for await (const meter of stripe.billing.meters.list({ limit: 100 })) {
    // Of several of a name the active one counts.
    if (meter.status === 'active' || !meters.has(meter.event_name)) meters.set(meter.event_name, meter.id);
  }
  return meters;
}

/** What a meter says of a customer, by day. */
async function summariesOf(
  { stripe }: Dependencies,
  meter: string,
  rows: readonly Row[],
): Promise<Map<string, number>> {
  const starts = rows.map(({ day }) => Date.parse(`${day}T00:00:00Z`) / 1000);
  const span = {
    customer: rows[0]?.customer ?? '',
    start_time: Math.min(...starts),
    end_time: Math.max(...starts) + DAY_SECONDS,
  };
  const found = new Map<string, number>();
  await askStripe(async () => {
    const windows = { ...span, value_grouping_window: 'day', limit: 100 } as const;
    for await (const summary of stripe.billing.meters.listEventSummaries(meter, windows)) {
      const day = new Date(summary.start_time * 1000).toISOString().slice(0, 10);
      found.set(day, summary.aggregated_value);
    }
  });
  return found;
}

/**
 * Holds our sums against those of Stripe's meters, by tenant, meter and day of UTC, and says of each difference why, as far as
 * the rows tell. What may still be on its way is left for the next time.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function compareUsage(
  deps: Dependencies,
  { days = 40, settledSeconds = SETTLED_SECONDS }: { days?: number; settledSeconds?: number } = {},
): Promise<Compared[]> {
  const args = { p_days: days, p_settled_seconds: settledSeconds };
  const rows = await callFunction(deps.database, 'usage_to_compare', args, rowsSchema);
  const meters = (await askStripe(() => metersByName(deps))) ?? new Map<string, string>();
  const theirs = new Map<Row, number>();
  for (const same of Map.groupBy(rows, ({ customer, event_name }) => `${customer} ${event_name}`).values()) {
    const meter = meters.get(same[0]?.event_name ?? '');
    const sums = meter === undefined ? new Map<string, number>() : await summariesOf(deps, meter, same);
    for (const row of same) theirs.set(row, sums.get(row.day) ?? 0);
  }
  const compared: Compared[] = [];
  // A tenant whose customer was made anew has two of them on a day.
  for (const same of Map.groupBy(rows, (row) => `${row.tenant_id} ${row.event_name} ${row.day}`).values()) {
    const [row] = same;
    if (row === undefined || same.some(({ fresh }) => fresh)) continue;
    const { tenant_id, event_name, day } = row;
    const sum = same.reduce((all, one) => all + (theirs.get(one) ?? 0), 0);
    const explained = await callFunction(
      deps.database,
      'explain_usage',
      { p_tenant_id: tenant_id, p_event_name: event_name, p_day: day, p_theirs: sum },
      explainedSchema,
    );
    const { ours, difference, explanation } = explained;
    compared.push({ tenant_id, event_name, day, ours, theirs: String(sum), difference, explanation });
  }
  return compared;
}

/** As a job: what cannot be explained is told of. */
export async function compareUsageAsJob(deps: Dependencies): Promise<void> {
  for (const found of await compareUsage(deps)) {
    if (found.explanation === 'same') continue;
    const line = { ...found };
    if (found.explanation === 'arrived_unmarked') deps.logger.info(line, 'a meter is ahead of our marks');
    else deps.logger.error(line, 'what a meter counted is not what was sent');
  }
}
