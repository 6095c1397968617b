import { z } from 'zod';
import { boolean, integer, text } from '../api/form.ts';
import { invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { newId, type WireInvoice } from '../store/kinds.ts';
import { changeSubscription, itemChanges, type Update } from './change-subscription.ts';
import { nextInvoice } from './renew-subscription.ts';

/** Thrown, so that nothing is left of what was only tried. */
class Seen extends Error {
  readonly invoice: WireInvoice;
  constructor(invoice: WireInvoice) {
    super('seen');
    this.invoice = invoice;
  }
}

function previewOf(call: Call, id: string, change: Update): WireInvoice {
  // Nobody is told of what is only tried.
  const silent: Call = { ...call, emit: () => {}, emitThin: () => {}, later: () => {} };
  try {
    return silent.store.attempt((): WireInvoice => {
      const subscription = silent.object('subscription', id);
      const now = Object.values(change).some((value) => value !== undefined)
        ? changeSubscription(silent, subscription, change)
        : subscription;
      const isAtOnce = change.proration_behavior === 'always_invoice';
      const found = isAtOnce
        ? silent.store.find('invoice', String(now.latest_invoice))
        : nextInvoice(silent, now);
      if (found === undefined || (isAtOnce && now.latest_invoice === subscription.latest_invoice)) {
        throw invalidRequest('No upcoming invoices for customer', { code: 'invoice_upcoming_none' });
      }
      throw new Seen(found);
    });
  } catch (error) {
    if (error instanceof Seen) return error.invoice;
    throw error;
  }
}

/** What the next invoice of a subscription will be, as it is or changed; nothing is kept of it. */
const preview = route({
  method: 'POST',
  path: '/v1/invoices/create_preview',
  params: {
    customer: text().optional(),
    subscription: text(),
    subscription_details: z
      .strictObject({
        cancel_at_period_end: boolean().optional(),
        items: itemChanges.optional(),
        proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
        proration_date: integer(0).optional(),
      })
      .optional(),
  },
  handle(call, { subscription, subscription_details: details = {} }) {
    const {
      confirmation_secret: _secret,
      hosted_invoice_url: _url,
      invoice_pdf: _pdf,
      ...seen
    } = previewOf(call, subscription, details);
    const { amount_due } = seen;
    return ok({
      ...seen,
      id: newId('upcoming_in'),
      amount_paid: 0,
      amount_remaining: amount_due,
      attempt_count: 0,
      attempted: false,
      auto_advance: false,
      effective_at: null,
      ending_balance: null,
      number: null,
      status: 'draft',
      status_transitions: {
        finalized_at: null,
        marked_uncollectible_at: null,
        paid_at: null,
        voided_at: null,
      },
    });
  },
});

export const previewRoutes: readonly Route[] = [preview];
