import { z } from 'zod';
import { formatAmount } from '../api/amount.ts';
import { created, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { fieldIs, listing, retrieving } from '../api/list-objects.ts';
import { invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import { markPaid } from '../payments/paid-invoices.ts';
import { createRefund } from '../payments/refunds.ts';
import { newId, type WireCreditNote, type WireCreditNoteLine, type WireInvoice } from '../store/kinds.ts';

const createParams = {
  amount: integer(1).optional(),
  credit_amount: integer(0).optional(),
  invoice: text(),
  lines: z
    .array(
      z.strictObject({
        amount: integer(0).optional(),
        description: text().optional(),
        invoice_line_item: text().optional(),
        quantity: integer(1).optional(),
        type: z.enum(['custom_line_item', 'invoice_line_item']),
        unit_amount: integer(0).optional(),
      }),
    )
    .max(250)
    .optional(),
  memo: text().optional(),
  metadata: metadata().optional(),
  out_of_band_amount: integer(0).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory']).optional(),
  refund_amount: integer(0).optional(),
};
const createSchema = z.strictObject(createParams);
type Given = z.output<typeof createSchema>;

const notesOf = (call: Call, invoice: WireInvoice): WireCreditNote[] =>
  call.store
    .page('credit_note', fieldIs('invoice', invoice.id), { limit: 250 })
    .data.filter(({ status }) => status === 'issued');

function linesOf(given: Given, invoice: WireInvoice): WireCreditNoteLine[] {
  const asked = given.lines ?? [
    { type: 'custom_line_item' as const, description: 'Credit', quantity: 1, unit_amount: given.amount ?? 0 },
  ];
  return asked.map((line) => {
    const of = invoice.lines.data.find(({ id }) => id === line.invoice_line_item);
    if (line.type === 'invoice_line_item' && of === undefined)
      throw noSuchReference('invoice line item', line.invoice_line_item ?? '', 'lines[0][invoice_line_item]');
    const amount = line.amount ?? (line.unit_amount ?? of?.amount ?? 0) * (line.quantity ?? 1);
    return fill<WireCreditNoteLine>('credit_note_line_item', {
      id: newId('cnli'),
      amount,
      description: line.description ?? of?.description,
      discount_amount: 0,
      quantity: line.quantity ?? 1,
      type: line.type,
      unit_amount: line.unit_amount,
      unit_amount_decimal: line.unit_amount === undefined ? null : String(line.unit_amount),
      ...(of === undefined ? {} : { invoice_line_item: of.id }),
    });
  });
}

/** What is given back of an invoice, checked against what it is and what was given back before. */
function build(call: Call, given: Given) {
  const invoice = call.store.find('invoice', given.invoice);
  if (invoice === undefined) throw noSuchReference('invoice', given.invoice, 'invoice');
  if (invoice.status !== 'open' && invoice.status !== 'paid') {
    throw invalidRequest(
      `You can only create a credit note on an open or paid invoice. This invoice's status is ${invoice.status}.`,
      { param: 'invoice' },
    );
  }
  const lines = linesOf(given, invoice);
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  const before = notesOf(call, invoice).reduce((sum, note) => sum + note.total, 0);
  const most = invoice.status === 'open' ? invoice.amount_remaining : invoice.total - before;
  if (total < 1 || total > most) {
    throw invalidRequest(
      `The sum of credit note amounts (${formatAmount(before + total, invoice.currency)}) cannot be greater than the amount of the invoice.`,
      { param: 'amount' },
    );
  }
  const parts = (given.refund_amount ?? 0) + (given.credit_amount ?? 0) + (given.out_of_band_amount ?? 0);
  if (parts !== (invoice.status === 'paid' ? total : 0)) {
    throw invalidRequest(
      'The sum of credit_amount, refund_amount and out_of_band_amount must equal the post-payment amount of the credit note.',
      { param: 'credit_amount' },
    );
  }
  return { invoice, lines, total };
}

function listed(id: string, data: WireCreditNoteLine[]): WireCreditNote['lines'] {
  return { object: 'list', data, has_more: false, url: `/v1/credit_notes/${id}/lines` };
}

/** What is refunded of an invoice goes back to where it was paid from. */
function refund(call: Call, invoice: WireInvoice, amount: number): string {
  const intent = call.store.privatePart('invoice', invoice.id)?.intent ?? '';
  const { id } = createRefund(call, { payment_intent: intent, amount }).body as { id: string };
  return id;
}

function issue(call: Call, given: Given): WireCreditNote {
  const { invoice, lines, total } = build(call, given);
  const isPaid = invoice.status === 'paid';
  const id = newId('cn');
  const count = call.store.page('credit_note', fieldIs('invoice', invoice.id), { limit: 250 }).data.length;
  const refunded = given.refund_amount ?? 0;
  const note = call.create('credit_note', {
    id,
    amount: total,
    amount_shipping: 0,
    currency: invoice.currency,
    customer: String(invoice.customer),
    discount_amount: 0,
    effective_at: timeOf(call, String(invoice.customer)),
    invoice: invoice.id,
    lines: listed(id, lines),
    memo: given.memo,
    metadata: mergeMetadata({}, given.metadata),
    number: `${invoice.number}-CN-${String(count + 1).padStart(2, '0')}`,
    out_of_band_amount: given.out_of_band_amount,
    pdf: `${call.baseUrl}/i/${invoice.id}/pdf?credit_note=${id}`,
    post_payment_amount: isPaid ? total : 0,
    pre_payment_amount: isPaid ? 0 : total,
    reason: given.reason,
    refunds:
      refunded === 0
        ? []
        : [
            {
              amount_refunded: refunded,
              payment_record_refund: null,
              refund: refund(call, invoice, refunded),
              type: 'refund',
            },
          ],
    status: 'issued',
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    total_taxes: [],
    type: isPaid ? 'post_payment' : 'pre_payment',
  });
  const payer = findCustomer(call, String(invoice.customer));
  if (payer !== undefined && given.credit_amount)
    call.change(payer, { balance: payer.balance - given.credit_amount });
  call.emit('credit_note.created', note);
  takeOff(call, invoice, total);
  return note;
}

/** An invoice owes less, or was paid for more than it is. */
function takeOff(call: Call, invoice: WireInvoice, amount: number): void {
  if (invoice.status === 'paid') {
    call.change(invoice, {
      post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + amount,
    });
    return;
  }
  const left = invoice.amount_remaining - amount;
  const changed = call.change(invoice, {
    amount_due: left,
    amount_remaining: left,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + amount,
  });
  const intentId = call.store.privatePart('invoice', invoice.id)?.intent ?? '';
  const intent = call.store.find('payment_intent', intentId);
  if (left === 0) markPaid(call, changed);
  else if (intent !== undefined) call.change(intent, { amount: left });
}

const create = route({
  method: 'POST',
  path: '/v1/credit_notes',
  params: createParams,
  handle: (call, given) => ok(issue(call, given)),
});

/** Of an invoice that is still open; what was refunded or credited cannot be taken back. */
const annul = route({
  method: 'POST',
  path: '/v1/credit_notes/:id/void',
  handle(call) {
    const note = call.object('credit_note');
    const invoice = call.object('invoice', String(note.invoice));
    if (note.status !== 'issued' || invoice.status !== 'open')
      throw invalidRequest('You can only void a credit note of an open invoice.');
    const voided = call.change(note, { status: 'void', voided_at: timeOf(call, String(note.customer)) });
    takeOff(call, invoice, -note.total);
    call.emit('credit_note.voided', voided);
    return ok(voided);
  },
});

export const creditNoteRoutes: readonly Route[] = [
  create,
  retrieving('credit_note'),
  annul,
  listing('credit_note', { created: created(), customer: text(), invoice: text() }),
];
