import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
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
import { lineOfItem, meteredLine } from './lines.ts';

/** What was used until a little before the end may still come in. */
const GRACE_SECONDS = 3_600;
const MOST = 250;

const total = (lines: readonly WireInvoiceLine[]) => lines.reduce((sum, { amount }) => sum + amount, 0);

function listed(id: string, lines: readonly WireInvoiceLine[]): WireInvoice['lines'] {
  return { object: 'list', data: [...lines], has_more: false, url: `/v1/invoices/${id}/lines` };
}

/** The sums of an invoice with these lines. What is owed to the customer is paid out to nobody: it is shown, and that is all. */
function sums(lines: readonly WireInvoiceLine[]) {
  const amount = total(lines);
  const due = Math.max(0, amount);
  return {
    amount_due: due,
    amount_remaining: due,
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
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
}

/** A draft; `finalize` makes it an invoice that is owed. */
export function draftInvoice(call: Call, given: NewInvoice): WireInvoice {
  const { customer, currency, subscription, period } = given;
  const id = newId('in');
  const pending = given.withPending === false ? [] : takePendingItems(call, customer, currency, id);
  const lines = [...pending.map(lineOfItem), ...given.lines].map((line) => ({ ...line, invoice: id }));
  const payer = findCustomer(call, customer);
  const now = timeOf(call, customer);
  const invoice = call.create('invoice', {
    id,
    ...sums(lines),
    amount_overpaid: 0,
    amount_paid: 0,
    amount_shipping: 0,
    attempt_count: 0,
    auto_advance: true,
    automatically_finalizes_at: now + GRACE_SECONDS,
    billing_reason: given.reason,
    collection_method: 'charge_automatically',
    created: now,
    currency,
    customer,
    customer_email: payer?.email,
    customer_name: payer?.name,
    customer_tax_exempt: 'none',
    issuer: { type: 'self' },
    lines: listed(id, lines),
    metadata: {},
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
    starting_balance: 0,
    status: 'draft',
    test_clock: payer?.test_clock,
    total_taxes: [],
  });
  call.emit('invoice.created', invoice);
  return invoice;
}

/** What came in while it was a draft is on it, too. */
function recount(call: Call, invoice: WireInvoice): WireInvoice {
  const subscription = subscriptionOf(call, invoice);
  const lines = invoice.lines.data.map((line) => {
    const itemId = line.parent?.subscription_item_details?.subscription_item;
    const item = subscription?.items.data.find(({ id }) => id === itemId);
    if (subscription === undefined || item?.price.recurring?.usage_type !== 'metered') return line;
    return { ...meteredLine(call, subscription, item, line.period), id: line.id, invoice: invoice.id };
  });
  return call.change(invoice, { ...sums(lines), lines: listed(invoice.id, lines) });
}

/** Makes a draft an invoice that is owed, with the intent that pays it. */
export function finalize(call: Call, draft: WireInvoice): WireInvoice {
  const invoice = recount(call, draft);
  const customer = String(invoice.customer);
  const intent =
    invoice.amount_due === 0
      ? undefined
      : newPaymentIntent(call, {
          amount: invoice.amount_due,
          currency: invoice.currency,
          customer,
          setup_future_usage: 'off_session',
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        });
  const open = call.change(invoice, {
    automatically_finalizes_at: null,
    // Stripe shows it when it is asked for; expanding finds it here.
    ...(intent === undefined
      ? {}
      : { confirmation_secret: { client_secret: String(intent.client_secret), type: 'payment_intent' } }),
    effective_at: timeOf(call, customer),
    ending_balance: 0,
    number: `${findCustomer(call, customer)?.invoice_prefix ?? 'TEST'}-${invoice.id.slice(-4).toUpperCase()}`,
    status: 'open',
    status_transitions: { ...invoice.status_transitions, finalized_at: timeOf(call, customer) },
  });
  if (intent !== undefined) {
    call.store.setPrivatePart('invoice', open.id, { intent: intent.id });
    call.emit('payment_intent.created', intent);
  }
  call.emit('invoice.finalized', open);
  return intent === undefined ? markPaid(call, open) : open;
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
 * @returns what became of the invoice
 */
export function collect(call: Call, invoice: WireInvoice, methodId = methodFor(call, invoice)): WireInvoice {
  const intentId = call.store.privatePart('invoice', invoice.id)?.intent ?? '';
  const intent = call.store.find('payment_intent', intentId);
  if (intent === undefined || invoice.status !== 'open') return invoice;
  const attempted = call.change(invoice, { attempt_count: invoice.attempt_count + 1, attempted: true });
  if (methodId !== undefined)
    confirmPaymentIntent(call, intent, { payment_method: methodId, off_session: true });
  const now = call.store.find('invoice', invoice.id) ?? attempted;
  if (now.status === 'paid') return now;
  call.emit('invoice.payment_failed', now);
  const subscription = subscriptionOf(call, now);
  if (subscription?.status === 'active' || subscription?.status === 'trialing') {
    const late = call.change(subscription, { status: 'past_due' });
    call.emit('customer.subscription.updated', late, subscription);
  }
  return now;
}

/** The time of a draft is over. */
export function finalizeDraft(call: Call, invoiceId: string): void {
  const invoice = call.store.find('invoice', invoiceId);
  if (invoice?.status === 'draft') collect(call, finalize(call, invoice));
}

/** Later, by itself; with a test clock when that is moved. */
export function finalizeLater(call: Call, invoice: WireInvoice): void {
  if (!hasClock(call, String(invoice.customer)))
    call.later('finalize_invoice', invoice.id, GRACE_SECONDS * 1000);
}
