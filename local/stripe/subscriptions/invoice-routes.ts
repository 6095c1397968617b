import { z } from 'zod';
import { boolean, created, currency, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { fieldIs, listing, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { invalidRequest, noSuchReference, StripeRefusal } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { findCustomer, requireCustomer } from '../payment-methods/customers.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import { automaticTax } from './create-subscription.ts';
import { creditNoteRoutes } from './credit-notes.ts';
import { afterForgiven, voidInvoice } from './dunning.ts';
import { collect, draftInvoice, finalize, finalizeLater } from './invoices.ts';
import { itemRoutes } from './item-routes.ts';
import { previewRoutes } from './preview-invoice.ts';

const pay = route({
  method: 'POST',
  path: '/v1/invoices/:id/pay',
  params: { payment_method: text().optional(), off_session: boolean().optional() },
  handle(call, given) {
    const found = call.object('invoice');
    if (found.status === 'void')
      throw invalidRequest('This invoice has been voided and cannot be paid.', {
        code: 'invoice_not_editable',
      });
    if (found.status === 'paid')
      throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' });
    const invoice = found.status === 'draft' ? finalize(call, found) : found;
    const collected = collect(call, invoice, { methodId: given.payment_method });
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
  handle(call, given) {
    const found = call.object('invoice');
    const invoice = given.auto_advance === undefined ? found : { ...found, auto_advance: given.auto_advance };
    if (invoice.status !== 'draft') {
      throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
        code: 'invoice_not_editable',
      });
    }
    const final = finalize(call, invoice);
    // Stripe collects it within the hour.
    return ok(final.auto_advance === true ? collect(call, final, { planned: true }) : final);
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

const notDraft = () =>
  invalidRequest('Finalized invoices cannot be changed, except for their metadata.', {
    code: 'invoice_not_editable',
  });

const create = route({
  method: 'POST',
  path: '/v1/invoices',
  params: {
    auto_advance: boolean().optional(),
    automatic_tax: automaticTax.optional(),
    collection_method: z.enum(['charge_automatically']).optional(),
    currency: currency().optional(),
    customer: text(),
    description: text().optional(),
    metadata: metadata().optional(),
    pending_invoice_items_behavior: z.enum(['exclude', 'include']).optional(),
    subscription: text().optional(),
  },
  handle(call, given) {
    requireCustomer(call, given.customer);
    const subscription =
      given.subscription === undefined ? undefined : call.store.find('subscription', given.subscription);
    if (given.subscription !== undefined && subscription === undefined)
      throw noSuchReference('subscription', given.subscription, 'subscription');
    const now = timeOf(call, given.customer);
    const invoice = draftInvoice(call, {
      autoAdvance: given.auto_advance ?? false,
      currency:
        given.currency ?? subscription?.currency ?? findCustomer(call, given.customer)?.currency ?? 'usd',
      customer: given.customer,
      description: given.description,
      isTaxed: given.automatic_tax?.enabled ?? false,
      lines: [],
      metadata: mergeMetadata({}, given.metadata),
      period: { start: now, end: now },
      reason: 'manual',
      withPending: given.pending_invoice_items_behavior === 'include',
      ...(subscription === undefined ? {} : { subscription }),
    });
    if (invoice.auto_advance) finalizeLater(call, invoice);
    return ok(invoice);
  },
});

const update = route({
  method: 'POST',
  path: '/v1/invoices/:id',
  params: {
    auto_advance: boolean().optional(),
    description: text().optional(),
    metadata: metadata().optional(),
  },
  handle(call, given) {
    const invoice = call.object('invoice');
    if (invoice.status !== 'draft' && given.description !== undefined) throw notDraft();
    const changed = call.change(invoice, {
      auto_advance: given.auto_advance,
      description: given.description,
      metadata: mergeMetadata(invoice.metadata ?? {}, given.metadata),
    });
    call.emit('invoice.updated', changed, invoice);
    return ok(changed);
  },
});

/** Of drafts only: what is final is voided. */
const remove = route({
  method: 'DELETE',
  path: '/v1/invoices/:id',
  handle(call) {
    const invoice = call.object('invoice');
    if (invoice.status !== 'draft' || invoice.parent?.subscription_details) {
      throw invalidRequest('You can only delete draft invoices that belong to no subscription.', {
        code: 'invoice_not_editable',
      });
    }
    call.emit('invoice.deleted', invoice);
    return ok(call.store.replace({ id: invoice.id, object: 'invoice', deleted: true } as const));
  },
});

const voidNow = route({
  method: 'POST',
  path: '/v1/invoices/:id/void',
  handle(call) {
    const invoice = call.object('invoice');
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
      throw invalidRequest(
        'You can only pass in open or uncollectible invoices. This invoice is not currently open or uncollectible.',
      );
    }
    return ok(voidInvoice(call, invoice));
  },
});

const giveUp = route({
  method: 'POST',
  path: '/v1/invoices/:id/mark_uncollectible',
  handle(call) {
    const invoice = call.object('invoice');
    if (invoice.status !== 'open')
      throw invalidRequest('You can only mark an open invoice as uncollectible.');
    const now = timeOf(call, String(invoice.customer));
    const given = call.change(invoice, {
      next_payment_attempt: null,
      status: 'uncollectible',
      status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: now },
    });
    call.emit('invoice.marked_uncollectible', given);
    afterForgiven(call, given);
    return ok(given);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/invoices',
  params: {
    ...pageParams,
    created: created().optional(),
    customer: text().optional(),
    status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
    subscription: text().optional(),
  },
  handle: (call, given) =>
    ok(
      listObjects(call, 'invoice', given, [
        ...fieldIs('customer', given.customer),
        ...fieldIs('status', given.status),
        ...fieldIs('parent.subscription_details.subscription', given.subscription),
      ]),
    ),
});

export const invoiceRoutes: readonly Route[] = [
  create,
  ...previewRoutes,
  retrieving('invoice'),
  update,
  remove,
  list,
  pay,
  finalizeNow,
  voidNow,
  giveUp,
  lines,
  ...itemRoutes,
  retrieving('invoice_payment'),
  listing('invoice_payment', { invoice: text(), status: z.enum(['canceled', 'open', 'paid']) }),
  ...creditNoteRoutes,
];
