import { z } from 'zod';
import { boolean, created, currency, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { fieldIs, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { findCustomer, requireCustomer } from '../payment-methods/customers.ts';
import type { WireInvoice } from '../store/kinds.ts';
import { newInvoiceItem } from './invoice-items.ts';
import { withLines } from './invoices.ts';
import { amountOf, lineOfItem, wholeQuantity } from './lines.ts';

/** The draft that an item is for. @throws StripeRefusal 400 for one that is final, or of somebody else */
function draftFor(
  call: Call,
  id: string,
  given: { readonly customer: string; readonly currency?: string | undefined },
): WireInvoice {
  const invoice = call.store.find('invoice', id);
  if (invoice === undefined) throw noSuchReference('invoice', id, 'invoice');
  if (invoice.status !== 'draft') {
    throw invalidRequest('Only draft invoices can have items added to them. Create a new invoice.', {
      code: 'invoice_not_editable',
      param: 'invoice',
    });
  }
  if (invoice.customer !== given.customer) {
    throw invalidRequest('The customer of the invoice item must be that of the invoice.', {
      param: 'customer',
    });
  }
  if (given.currency !== undefined && given.currency !== invoice.currency) {
    throw invalidRequest('The currency of the invoice item must match the currency of the invoice.', {
      param: 'currency',
    });
  }
  return invoice;
}

const createItem = route({
  method: 'POST',
  path: '/v1/invoiceitems',
  params: {
    amount: integer().optional(),
    currency: currency().optional(),
    customer: text(),
    description: text().optional(),
    invoice: text().optional(),
    metadata: metadata().optional(),
    period: z.strictObject({ start: integer(0), end: integer(0) }).optional(),
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
    const draft = given.invoice === undefined ? undefined : draftFor(call, given.invoice, given);
    const item = newInvoiceItem(call, {
      amount: amount ?? amountOf(wholeQuantity(quantity), unit ?? '0'),
      currency: given.currency ?? findCustomer(call, customer)?.currency ?? 'usd',
      customer,
      description: given.description,
      metadata: mergeMetadata({}, given.metadata),
      quantity,
      ...(given.period === undefined ? {} : { period: given.period }),
      subscription: given.subscription,
      ...(unit === undefined ? {} : { unitAmountDecimal: unit }),
    });
    if (draft === undefined) return ok(item);
    const placed = call.change(item, { invoice: draft.id });
    const line = { ...lineOfItem(placed), invoice: draft.id };
    const changed = withLines(call, draft, [...draft.lines.data, line]);
    call.emit('invoice.updated', changed, draft);
    return ok(placed);
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

export const itemRoutes: readonly Route[] = [createItem, retrieving('invoiceitem'), listItems];
