import type Stripe from 'stripe';
import { z } from 'zod';
import { planIdOf } from '../../shared/catalogue/plans.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { addInvoiceLines } from './add-invoice-lines.ts';
import { applySubscription } from './apply-subscription.ts';
import { askStripe } from './stripe-client.ts';

const answerSchema = z.object({ status: z.enum(['applied', 'older_look', 'not_ours', 'malformed']) });

const idOf = (value: string | { id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

const at = (seconds: number | null | undefined): string | null =>
  seconds == null ? null : new Date(seconds * 1000).toISOString();

/** The subscription that an invoice is of; the last one of a subscription that has ended says so itself. */
function subscriptionOfInvoice({ parent, metadata }: Stripe.Invoice): string | null {
  return idOf(parent?.subscription_details?.subscription) ?? metadata?.subscription_id ?? null;
}

/** What is kept of a line: what it is for, and whether it is paid in advance. */
function describeLine(line: Stripe.InvoiceLineItem, invoice: Stripe.Invoice) {
  const { parent, pricing, metadata, period } = line;
  const product = pricing?.price_details?.product;
  const isProration =
    parent?.invoice_item_details?.proration === true || parent?.subscription_item_details?.proration === true;
  return {
    id: line.id,
    line_id: metadata.line_id ?? null,
    part: metadata.part ?? null,
    is_base:
      parent?.type === 'subscription_item_details' && !isProration && period.start >= invoice.period_end,
    is_proration: isProration,
    plan_id: planIdOf(idOf(product) ?? ''),
    description: line.description,
    quantity: line.quantity,
    unit_amount: pricing?.unit_amount_decimal == null ? null : String(pricing.unit_amount_decimal),
    amount: line.amount,
    period_start: at(period.start),
    period_end: at(period.end),
  };
}

async function linesOf({ stripe }: Dependencies, invoice: Stripe.Invoice) {
  if (!invoice.lines.has_more) return invoice.lines.data;
  const all: Stripe.InvoiceLineItem[] = [];
  await askStripe(async () => {
    for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: 100 })) all.push(line);
  });
  return all;
}

/** What is kept of an invoice. */
async function describe(deps: Dependencies, invoice: Stripe.Invoice) {
  const { status_transitions: times } = invoice;
  return {
    id: invoice.id,
    customer: idOf(invoice.customer),
    subscription: subscriptionOfInvoice(invoice),
    number: invoice.number,
    status: invoice.status,
    billing_reason: invoice.billing_reason,
    currency: invoice.currency,
    subtotal: invoice.subtotal,
    tax: (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0),
    total: invoice.total,
    amount_due: invoice.amount_due,
    amount_paid: invoice.amount_paid,
    credited: invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount,
    lines: (await linesOf(deps, invoice)).map((line) => describeLine(line, invoice)),
    hosted_url: invoice.hosted_invoice_url ?? null,
    pdf_url: invoice.invoice_pdf ?? null,
    attempt_count: invoice.attempt_count,
    next_attempt_at: at(invoice.next_payment_attempt),
    tax_status: invoice.automatic_tax.status,
    problem: invoice.last_finalization_error?.code ?? null,
    created_at: at(invoice.created),
    finalized_at: at(times.finalized_at),
    paid_at: at(times.paid_at),
  };
}

/** Notes what Stripe answered about an invoice, and does what follows. @param readAt before it was asked */
export async function noteInvoice(
  deps: Dependencies,
  invoice: Stripe.Invoice,
  readAt: Date,
): Promise<'applied' | 'not_ours'> {
  const args = { p_invoice: await describe(deps, invoice), p_read_at: readAt.toISOString() };
  const { status } = await callFunction(deps.database, 'apply_invoice', args, answerSchema);
  if (status === 'malformed') throw new Error(`the invoice ${invoice.id} cannot be noted`);
  return status === 'not_ours' ? 'not_ours' : 'applied';
}

/**
 * Brings an invoice, and the subscription that it is of, to what Stripe says now. A draft is given what was used beyond the
 * plan, and fees that were agreed to, before it becomes final.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function applyInvoice(deps: Dependencies, id: string): Promise<'applied' | 'not_ours'> {
  const read = async () => {
    const readAt = deps.now();
    return { invoice: await askStripe(() => deps.stripe.invoices.retrieve(id)), readAt };
  };
  let look = await read();
  if (look.invoice === null) return 'not_ours';
  const subscription = subscriptionOfInvoice(look.invoice);
  // An invoice may be told of before the subscription that it begins.
  if (subscription !== null) {
    const outcome = await applySubscription(deps, subscription);
    if (outcome === 'applied' && look.invoice.status === 'draft') {
      await addInvoiceLines(deps, subscription, look.invoice.id);
      look = await read();
    }
  }
  return look.invoice === null ? 'not_ours' : noteInvoice(deps, look.invoice, look.readAt);
}

/** The invoice that an event is about, or null where it is about none. */
export async function invoiceOfEvent(
  { stripe }: Dependencies,
  { type, objectId }: { type: string; objectId: string },
): Promise<string | null> {
  if (type.startsWith('invoice.')) return objectId;
  const note = await askStripe(() => stripe.creditNotes.retrieve(objectId));
  return idOf(note?.invoice);
}
