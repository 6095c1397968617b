import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';

/** For a day a key finds what was made under it; a little before that it is looked for by its name. */
const LOOK_AFTER_SECONDS = 20 * 3600;
const AT_ONCE = 200;

const item = z.object({
  id: z.uuid(),
  customer: z.string(),
  event_name: z.string(),
  month: z.string(),
  value: z.string(),
  unit_amount_decimal: z.string(),
  currency: z.string(),
  age_seconds: z.int(),
});
const takenSchema = z.object({ status: z.enum(['taken', 'busy']), items: z.array(item) });
const notedSchema = z.object({ status: z.enum(['noted', 'noted_before', 'unknown']) });

async function findItem(
  { stripe }: Dependencies,
  { id, customer }: z.infer<typeof item>,
): Promise<string | null> {
  return askStripe(async () => {
    for await (const found of stripe.invoiceItems.list({ customer, limit: 100 })) {
      if (found.metadata?.late_usage_id === id) return found.id;
    }
    return null;
  });
}

const DIGITS = 12;

/** The value times the price of one, rounded once: with all its digits, which a number does not have. */
function centsOf({ value, unit_amount_decimal: unit }: z.infer<typeof item>): number {
  const [whole = '0', fraction = ''] = unit.split('.');
  const one = 10n ** BigInt(DIGITS);
  const scaled = BigInt(value) * BigInt(whole + fraction.padEnd(DIGITS, '0'));
  return Number((scaled + one / 2n) / one);
}

async function makeItem(deps: Dependencies, late: z.infer<typeof item>): Promise<string | null> {
  const { id, customer, currency, event_name, month, value, unit_amount_decimal: unit } = late;
  const made = await createAtStripe(`late_usage:${id}`, (options) =>
    deps.stripe.invoiceItems.create(
      {
        customer,
        currency,
        amount: centsOf(late),
        description: `${event_name}, used in ${month}: ${value} × ${unit} ¢`,
        metadata: { late_usage_id: id, value, unit_amount_decimal: unit },
      },
      options,
    ),
  );
  return made?.id ?? null;
}

/**
 * Bills what is too old for a meter: an item of the tenant's next invoice for each month, with a row of audit. Harmless to
 * repeat: the row is there first, and its id is the item's name.
 * @returns how many items were noted
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function billLateUsage(deps: Dependencies): Promise<number> {
  const { items } = await callFunction(deps.database, 'take_late_usage', { p_limit: AT_ONCE }, takenSchema);
  for (const late of items) {
    const known = late.age_seconds > LOOK_AFTER_SECONDS ? await findItem(deps, late) : null;
    const itemId = known ?? (await makeItem(deps, late));
    if (itemId === null) {
      deps.logger.error({ late_usage_id: late.id }, 'late usage has no customer at Stripe any more');
      continue;
    }
    await callFunction(
      deps.database,
      'note_late_usage',
      { p_id: late.id, p_invoice_item_id: itemId },
      notedSchema,
    );
    deps.logger.warn({ late_usage_id: late.id, invoice_item_id: itemId }, 'usage was too old for its meter');
  }
  return items.length;
}
