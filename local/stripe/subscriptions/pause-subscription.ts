import { z } from 'zod';
import { integer } from '../api/form.ts';
import { invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import type { WireSubscription } from '../store/kinds.ts';
import { invoiceDifference, prorate } from './change-subscription.ts';
import { collect, draftInvoice, finalize } from './invoices.ts';
import { licensedLine } from './lines.ts';
import { periodEnd } from './period-end.ts';
import { renewLater } from './renew-subscription.ts';

/** What was paid for the time that is left is given back: on the next invoice, or on one that comes now. */
const pause = route({
  method: 'POST',
  path: '/v1/subscriptions/:id/pause',
  params: {
    bill_for: z
      .strictObject({
        unused_time_from: z.strictObject({ type: z.enum(['none', 'now']) }).optional(),
      })
      .optional(),
    invoicing_behavior: z.enum(['invoice', 'pending_invoice_item']).optional(),
    type: z.enum(['subscription']).optional(),
  },
  handle(call, given) {
    const subscription = call.object('subscription');
    if (!['active', 'past_due', 'trialing'].includes(subscription.status)) {
      throw invalidRequest(`You cannot pause a subscription with a status of ${subscription.status}.`);
    }
    const before = subscription.items.data;
    const isKept = given.bill_for?.unused_time_from?.type === 'none' || subscription.status === 'trialing';
    if (!isKept) prorate(call, subscription, { before, after: [] });
    const paused = call.change(subscription, { status: 'paused' });
    if (given.invoicing_behavior === 'invoice' && !isKept)
      collect(call, finalize(call, invoiceDifference(call, paused)));
    call.emit('customer.subscription.paused', paused, subscription);
    call.emit('customer.subscription.updated', paused, subscription);
    return ok(call.object('subscription', paused.id));
  },
});

/** A period that begins now, with its invoice. */
function beginAnew(call: Call, subscription: WireSubscription): WireSubscription {
  const now = timeOf(call, String(subscription.customer));
  const data = subscription.items.data.map((item) => {
    const { interval, interval_count } = item.price.recurring ?? { interval: 'month', interval_count: 1 };
    return {
      ...item,
      current_period_start: now,
      current_period_end: periodEnd(now, interval, interval_count),
    };
  });
  return call.change(subscription, {
    billing_cycle_anchor: now,
    billing_cycle_anchor_config: null,
    items: { ...subscription.items, data },
  });
}

/** It goes on when the invoice of its resumption is paid, or at once where nothing is to be paid. */
const resume = route({
  method: 'POST',
  path: '/v1/subscriptions/:id/resume',
  params: {
    billing_cycle_anchor: z.strictObject({ type: z.enum(['now', 'unchanged']) }).optional(),
    proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
    proration_date: integer(0).optional(),
  },
  handle(call, given) {
    const subscription = call.object('subscription');
    if (subscription.status !== 'paused') {
      throw invalidRequest(`You cannot resume a subscription with a status of ${subscription.status}.`);
    }
    if (given.billing_cycle_anchor?.type === 'unchanged')
      throw invalidRequest('This stand-in resumes with `billing_cycle_anchor[type]=now` only.', {
        param: 'billing_cycle_anchor',
      });
    const begun = beginAnew(call, subscription);
    const period = {
      start: begun.billing_cycle_anchor,
      end: Math.min(...begun.items.data.map((item) => item.current_period_end)),
    };
    const lines = begun.items.data
      .filter(({ price }) => price.recurring?.usage_type !== 'metered')
      .map((item) => licensedLine(call, begun, item, period));
    const draft = draftInvoice(call, {
      ...{ customer: String(begun.customer), currency: begun.currency, lines, subscription: begun },
      period: { start: period.start, end: period.start },
      reason: 'subscription_update',
    });
    call.change(begun, { latest_invoice: draft.id });
    collect(call, finalize(call, draft));
    const resumed = call.object('subscription', begun.id);
    if (resumed.status === 'active') call.emit('customer.subscription.resumed', resumed, subscription);
    renewLater(call, resumed);
    return ok(resumed);
  },
});

export const pauseRoutes: readonly Route[] = [pause, resume];
