import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { decimalsOf } from '../../shared/units.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe, createAtStripe } from './stripe-client.ts';

/** For a day a key finds what was made under it; a little before that it is looked for by its name. */
const LOOK_AFTER_SECONDS = 20 * 3600;
const MILLIONTHS = 6;

const line = z.object({
  id: z.uuid(),
  part: z.enum(['assets', 'credits', 'gainshare']),
  target_invoice_id: z.string().nullable(),
  quantity: z.int(),
  unit_micros: z.int().nullable(),
  amount_cents: z.int(),
  currency: z.string(),
  description: z.string(),
  period_start: z.int().nullable(),
  period_end: z.int().nullable(),
  age_seconds: z.int(),
});
const takenSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('taken'), customer: z.string().nullable(), lines: z.array(line) }),
  z.object({ status: z.literal('not_ours'), lines: z.array(line) }),
]);
const notedSchema = z.object({ status: z.enum(['noted', 'noted_before', 'unknown_line']) });
const missedSchema = z.object({ status: z.enum(['missed', 'not_there']) });

type Line = z.infer<typeof line>;

/** A price of one in the smallest unit of its currency: 2,000 millionths of a dollar are 0.2 cents. */
export function unitAmountOf(micros: number, currency: string): string {
  const digits = MILLIONTHS - decimalsOf(currency);
  const text = String(micros).padStart(digits + 1, '0');
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  return text.slice(0, text.length - digits) + (fraction === '' ? '' : `.${fraction}`);
}

async function findItem({ stripe }: Dependencies, customer: string, id: string) {
  return askStripe(async () => {
    for await (const found of stripe.invoiceItems.list({ customer, limit: 100 })) {
      if (found.metadata?.line_id === id) return found;
    }
    return null;
  });
}

async function makeItem(
  { stripe }: Dependencies,
  customer: string,
  { id, part, quantity, unit_micros: micros, amount_cents, currency, description, ...rest }: Line,
  invoice: string | null,
) {
  const price =
    micros === null
      ? { amount: amount_cents }
      : { quantity, unit_amount_decimal: Stripe.Decimal.from(unitAmountOf(micros, currency)) };
  const { period_start: start, period_end: end } = rest;
  return createAtStripe(`invoice_line:${id}:${invoice ?? 'next'}`, (options) =>
    stripe.invoiceItems.create(
      {
        ...{ customer, currency, description, metadata: { line_id: id, part } },
        ...price,
        ...(invoice !== null && { invoice }),
        ...(start !== null && end !== null && { period: { start, end } }),
      },
      options,
    ),
  );
}

const isRefused = (error: unknown) => error instanceof Fault && error.code === 'payment_refused';

/** Puts a line on its draft; where that is final already, it waits at Stripe for the next invoice. */
async function placeLine(deps: Dependencies, customer: string, wanted: Line): Promise<void> {
  const { database, logger } = deps;
  const known = wanted.age_seconds > LOOK_AFTER_SECONDS ? await findItem(deps, customer, wanted.id) : null;
  let item = known;
  const target = wanted.target_invoice_id;
  if (item === null && target !== null) {
    item = await makeItem(deps, customer, wanted, target).catch((error: unknown) => {
      if (isRefused(error)) return null;
      throw error;
    });
    if (item === null) {
      logger.warn({ line_id: wanted.id, invoice_id: target }, 'a draft was final before its lines came');
      const args = { p_id: wanted.id, p_invoice_id: target };
      await callFunction(database, 'miss_invoice_line', args, missedSchema);
    }
  }
  item ??= await makeItem(deps, customer, wanted, null);
  if (item === null) throw new Fault('payment_provider_unavailable');
  const invoice = typeof item.invoice === 'string' ? item.invoice : (item.invoice?.id ?? null);
  const args = { p_id: wanted.id, p_item_id: item.id, p_invoice_id: invoice as string };
  await callFunction(database, 'note_invoice_line', args, notedSchema);
}

/**
 * Puts on the next invoice of a subscription what was used beyond its plan in periods that are over, and fees that were agreed
 * to: each of them once, whoever asks, and however often.
 * @param draft the invoice that it goes to; null: whichever comes next
 * @returns how many lines went to Stripe
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function addInvoiceLines(
  deps: Dependencies,
  subscriptionId: string,
  draft: string | null,
): Promise<number> {
  const args = { p_subscription_id: subscriptionId, ...(draft !== null && { p_invoice_id: draft }) };
  const taken = await callFunction(deps.database, 'take_invoice_lines', args, takenSchema);
  if (taken.status !== 'taken' || taken.customer === null) return 0;
  for (const wanted of taken.lines) await placeLine(deps, taken.customer, wanted);
  return taken.lines.length;
}
