import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import { StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import { hasClock, timeOf } from '../payment-methods/time-of-customer.ts';
import { confirmPaymentIntent } from '../payments/confirm-payment-intent.ts';
import { markPaid, subscriptionOf } from '../payments/paid-invoices.ts';
import { newPaymentIntent } from '../payments/payment-intents.ts';
import {
  newId,
  type WireInvoice,
  type WireInvoiceItem,
  type WireInvoiceLine,
  type WireSubscription,
} from '../store/kinds.ts';
import { afterFailure } from './dunning.ts';
import { lineOfItem, meteredLine } from './lines.ts';
import { requireLocation, withTaxes } from './taxes.ts';

/** What was used until a little before the end may still come in. */
const GRACE_SECONDS = 3_600;
const MOST = 250;

const total = (lines: readonly WireInvoiceLine[]) => lines.reduce((sum, { amount }) => sum + amount, 0);

function listed(id: string, lines: readonly WireInvoiceLine[]): WireInvoice['lines'] {
  return { object: 'list', data: [...lines], has_more: false, url: `/v1/invoices/${id}/lines` };
}

/**
 * What an invoice with these lines comes to. What is owed to the customer is taken off first, and what is more than all of it
 * is owed to them then.
 */
function sumsOf(
  call: Call,
  { id, customer, starting_balance: credit }: Pick<WireInvoice, 'id' | 'customer' | 'starting_balance'>,
  given: readonly WireInvoiceLine[],
  isTaxed: boolean,
) {
  const { lines, total_taxes, automatic_tax } = withTaxes(call, String(customer), given, isTaxed);
  const subtotal = total(lines);
  const all = subtotal + total_taxes.reduce((sum, { amount }) => sum + amount, 0);
  const due = Math.max(0, all + credit);
  return {
    amount_due: due,
    amount_remaining: due,
    automatic_tax,
    lines: listed(id, lines),
    subtotal,
    subtotal_excluding_tax: subtotal,
    total: all,
    total_excluding_tax: subtotal,
    total_taxes,
  };
}

/** Items of the customer that wait for an invoice in this currency. */
function takePendingItems(
  call: Call,
  customer: string,
  currency: string,
  invoice: string,
): WireInvoiceItem[] {
  const conditions = [...fieldIs('customer', customer), ...fieldIs('currency', currency)];
  const waiting = { sql: `json_extract(body, '$.invoice') IS NULL`, values: [] };
  const items = call.store.page('invoiceitem', [...conditions, waiting], { limit: MOST }).data.reverse();
  return items.map((item) => call.change(item, { invoice }));
}

export interface NewInvoice {
  readonly customer: string;
  readonly currency: string;
  readonly reason: Stripe.Invoice.BillingReason;
  readonly lines: readonly WireInvoiceLine[];
  readonly period: { readonly start: number; readonly end: number };
  readonly subscription?: WireSubscription;
  /** Whether items that wait go along. */
  readonly withPending?: boolean;
  /** Of an invoice of no subscription; those of one are taxed as it is. */
  readonly isTaxed?: boolean;
  /** Whether it becomes final, and is collected, by itself. */
  readonly autoAdvance?: boolean;
  readonly metadata?: Stripe.Metadata;
  readonly description?: string | undefined;
}

/** A draft; `finalize` makes it an invoice that is owed. */
export function draftInvoice(call: Call, given: NewInvoice): WireInvoice {
  const { customer, currency, subscription, period } = given;
  const id = newId('in');
  const pending = given.withPending === false ? [] : takePendingItems(call, customer, currency, id);
  const lines = [...pending.map(lineOfItem), ...given.lines].map((line) => ({ ...line, invoice: id }));
  const payer = findCustomer(call, customer);
  const now = timeOf(call, customer);
  const isTaxed = subscription?.automatic_tax.enabled ?? given.isTaxed ?? false;
  const starting_balance = Math.min(0, payer?.balance ?? 0);
  const autoAdvance = given.autoAdvance !== false;
  const invoice = call.create('invoice', {
    id,
    ...sumsOf(call, { id, customer, starting_balance }, lines, isTaxed),
    amount_overpaid: 0,
    amount_paid: 0,
    amount_shipping: 0,
    attempt_count: 0,
    auto_advance: autoAdvance,
    automatically_finalizes_at: autoAdvance ? now + GRACE_SECONDS : null,
    billing_reason: given.reason,
    collection_method: 'charge_automatically',
    created: now,
    currency,
    customer,
    customer_address: payer?.address,
    customer_email: payer?.email,
    customer_name: payer?.name,
    customer_tax_exempt: 'none',
    description: given.description,
    issuer: { type: 'self' },
    metadata: given.metadata ?? {},
    parent:
      subscription === undefined
        ? null
        : {
            type: 'subscription_details',
            quote_details: null,
            subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
          },
    period_end: period.end,
    period_start: period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    starting_balance,
    status: 'draft',
    test_clock: payer?.test_clock,
  });
  call.emit('invoice.created', invoice);
  return invoice;
}

/** What came in while it was a draft is on it, too, and the tax is that of where the customer is by now. */
function recount(call: Call, invoice: WireInvoice): WireInvoice {
  const subscription = subscriptionOf(call, invoice);
  const lines = invoice.lines.data.map((line) => {
    const itemId = line.parent?.subscription_item_details?.subscription_item;
    const item = subscription?.items.data.find(({ id }) => id === itemId);
    if (subscription === undefined || item?.price.recurring?.usage_type !== 'metered') return line;
    return { ...meteredLine(call, subscription, item, line.period), id: line.id, invoice: invoice.id };
  });
  return withLines(call, invoice, lines);
}

/** An invoice with other lines. */
export function withLines(call: Call, invoice: WireInvoice, lines: readonly WireInvoiceLine[]): WireInvoice {
  return call.change(invoice, sumsOf(call, invoice, lines, invoice.automatic_tax.enabled));
}

/** The intent that pays an invoice, and its place among the payments of it. */
function askForPayment(call: Call, invoice: WireInvoice): Stripe.PaymentIntent {
  const intent = newPaymentIntent(call, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: String(invoice.customer),
    setup_future_usage: 'off_session',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  call.store.setPrivatePart('invoice', invoice.id, { intent: intent.id });
  call.create('invoice_payment', {
    amount_requested: invoice.amount_due,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  return intent;
}

/**
 * Makes a draft an invoice that is owed, with the intent that pays it.
 * @throws StripeRefusal 400 where its tax cannot be told
 */
export function finalize(call: Call, draft: WireInvoice): WireInvoice {
  const customer = String(draft.customer);
  if (draft.automatic_tax.enabled) requireLocation(call, customer);
  const invoice = recount(call, draft);
  const intent = invoice.amount_due === 0 ? undefined : askForPayment(call, invoice);
  const payer = findCustomer(call, customer);
  const left = Math.min(0, invoice.starting_balance + invoice.total);
  if (payer !== undefined && payer.balance !== left && (payer.balance < 0 || left < 0))
    call.change(payer, { balance: left });
  const secret = String(intent?.client_secret);
  const open = call.change(invoice, {
    automatically_finalizes_at: null,
    // Stripe shows it when it is asked for; expanding finds it here.
    ...(intent === undefined
      ? {}
      : { confirmation_secret: { client_secret: secret, type: 'payment_intent' } }),
    effective_at: timeOf(call, customer),
    ending_balance: left,
    hosted_invoice_url: `${call.baseUrl}/i/${invoice.id}`,
    invoice_pdf: `${call.baseUrl}/i/${invoice.id}/pdf`,
    last_finalization_error: null,
    number: `${payer?.invoice_prefix ?? 'TEST'}-${invoice.id.slice(-4).toUpperCase()}`,
    status: 'open',
    status_transitions: { ...invoice.status_transitions, finalized_at: timeOf(call, customer) },
  });
  if (intent !== undefined) call.emit('payment_intent.created', intent);
  call.emit('invoice.finalized', open);
  return intent === undefined ? markPaid(call, open) : open;
}

/** What becomes final by itself; what cannot is told of, and stays a draft. */
function finalizeByItself(call: Call, draft: WireInvoice): WireInvoice | undefined {
  try {
    return call.store.attempt(() => finalize(call, draft));
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    const { message, type, details } = error;
    const failed = call.change(draft, {
      automatically_finalizes_at: null,
      last_finalization_error: { code: details.code as 'customer_tax_location_invalid', message, type },
    });
    call.emit('invoice.finalization_failed', failed);
    return undefined;
  }
}

/** The card that pays: the subscription's, or else the customer's. */
function methodFor(call: Call, invoice: WireInvoice): string | undefined {
  const own = subscriptionOf(call, invoice)?.default_payment_method;
  const theirs = findCustomer(call, String(invoice.customer))?.invoice_settings?.default_payment_method;
  const method = own ?? theirs;
  return typeof method === 'string' ? method : undefined;
}

/**
 * Tries to take the money without the customer. What fails leaves the invoice open and the subscription past due.
 * @param planned whether Stripe tries by itself: then it says when it does again
 * @returns what became of the invoice
 */
export function collect(
  call: Call,
  invoice: WireInvoice,
  {
    methodId = methodFor(call, invoice),
    planned = false,
  }: { methodId?: string | undefined; planned?: boolean } = {},
): WireInvoice {
  const intentId = call.store.privatePart('invoice', invoice.id)?.intent ?? '';
  const intent = call.store.find('payment_intent', intentId);
  if (intent === undefined || !['open', 'uncollectible'].includes(invoice.status ?? '')) return invoice;
  const attempted = call.change(invoice, { attempt_count: invoice.attempt_count + 1, attempted: true });
  if (methodId !== undefined)
    confirmPaymentIntent(call, intent, { payment_method: methodId, off_session: true });
  const now = call.store.find('invoice', invoice.id) ?? attempted;
  if (now.status === 'paid') return now;
  return afterFailure(call, now, planned);
}

/** The time of a draft is over: it is made final, and the money is asked for. */
export function advance(call: Call, draft: WireInvoice): WireInvoice | undefined {
  const invoice = finalizeByItself(call, draft);
  return invoice === undefined ? undefined : collect(call, invoice, { planned: true });
}

export function finalizeDraft(call: Call, invoiceId: string): void {
  const invoice = call.store.find('invoice', invoiceId);
  if (invoice?.status === 'draft' && invoice.auto_advance) advance(call, invoice);
}

/** Later, by itself; with a test clock when that is moved. */
export function finalizeLater(call: Call, invoice: WireInvoice): void {
  if (!hasClock(call, String(invoice.customer)))
    call.later('finalize_invoice', invoice.id, GRACE_SECONDS * 1000);
}
