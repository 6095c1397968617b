import { z } from 'zod';
import { boolean, created, currency, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { fieldIs, listing, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, StripeRefusal } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { findCustomer, requireCustomer } from '../payment-methods/customers.ts';
import { newInvoiceItem } from './invoice-items.ts';
import { collect, finalize } from './invoices.ts';
import { amountOf, wholeQuantity } from './lines.ts';

const pay = route({
  method: 'POST',
  path: '/v1/invoices/:id/pay',
  params: { payment_method: text().optional(), off_session: boolean().optional() },
  handle(call, given) {
    const found = call.object('invoice');
    if (found.status === 'paid')
      throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' });
    const invoice = found.status === 'draft' ? finalize(call, found) : found;
    const collected = collect(call, invoice, given.payment_method);
    if (collected.status === 'paid') return ok(collected);
    // The attempt is kept, so it is answered and not thrown.
    return new StripeRefusal(402, 'card_error', 'Your card was declined.', {
      code: 'card_declined',
    }).toReply();
  },
});

const finalizeNow = route({
  method: 'POST',
  path: '/v1/invoices/:id/finalize',
  params: { auto_advance: boolean().optional() },
  handle(call) {
    const invoice = call.object('invoice');
    if (invoice.status !== 'draft') {
      throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
        code: 'invoice_not_editable',
      });
    }
    return ok(finalize(call, invoice));
  },
});

const lines = route({
  method: 'GET',
  path: '/v1/invoices/:id/lines',
  params: { limit: integer(1, 100).optional() },
  handle(call, { limit = 10 }) {
    const { data } = call.object('invoice').lines;
    return ok({ object: 'list', url: call.path, has_more: data.length > limit, data: data.slice(0, limit) });
  },
});

const createItem = route({
  method: 'POST',
  path: '/v1/invoiceitems',
  params: {
    amount: integer().optional(),
    currency: currency().optional(),
    customer: text(),
    description: text().optional(),
    metadata: metadata().optional(),
    quantity: integer(0).optional(),
    subscription: text().optional(),
    unit_amount_decimal: z
      .string()
      .regex(/^-?\d+(\.\d{1,12})?$/)
      .optional(),
  },
  handle(call, given) {
    const { customer, amount, unit_amount_decimal: unit, quantity = 1 } = given;
    requireCustomer(call, customer);
    if ((amount === undefined) === (unit === undefined)) {
      throw invalidParameter('You must specify one of these parameters: amount, unit_amount_decimal.', {
        code: 'parameter_missing',
        param: 'amount',
      });
    }
    const item = newInvoiceItem(call, {
      amount: amount ?? amountOf(wholeQuantity(quantity), unit ?? '0'),
      currency: given.currency ?? findCustomer(call, customer)?.currency ?? 'usd',
      customer,
      description: given.description,
      metadata: mergeMetadata({}, given.metadata),
      quantity,
      subscription: given.subscription,
      ...(unit === undefined ? {} : { unitAmountDecimal: unit }),
    });
    return ok(item);
  },
});

const listItems = route({
  method: 'GET',
  path: '/v1/invoiceitems',
  params: {
    ...pageParams,
    created: created().optional(),
    customer: text().optional(),
    invoice: text().optional(),
    pending: boolean().optional(),
  },
  handle(call, given) {
    const waiting = { sql: `(json_extract(body, '$.invoice') IS NULL) = ?`, values: [Number(given.pending)] };
    return ok(
      listObjects(call, 'invoiceitem', given, [
        ...fieldIs('customer', given.customer),
        ...fieldIs('invoice', given.invoice),
        ...(given.pending === undefined ? [] : [waiting]),
      ]),
    );
  },
});

export const invoiceRoutes: readonly Route[] = [
  retrieving('invoice'),
  listing('invoice', {
    created: created(),
    customer: text(),
    status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']),
  }),
  pay,
  finalizeNow,
  lines,
  createItem,
  retrieving('invoiceitem'),
  listItems,
];
