import { z } from 'zod';
import { boolean, emptyableText, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { invalidRequest, noSuchReference, StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import type { WireInvoice, WireSubscription, WireSubscriptionItem } from '../store/kinds.ts';
import { automaticTax, checkItems, newItem, recurringPrice } from './create-subscription.ts';
import { INCOMPLETE_SECONDS } from './dunning.ts';
import { newInvoiceItem } from './invoice-items.ts';
import { collect, draftInvoice, finalize } from './invoices.ts';
import { amountOf, meteredLine, wholeQuantity } from './lines.ts';
import { requireLocation } from './taxes.ts';

/** A moment; or the end of the period that ends first, or last. An empty string takes it back. */
const cancelAt = z.union([z.enum(['', 'max_period_end', 'min_period_end']), integer(0)]);

export const itemChanges = z
  .array(
    z.strictObject({
      id: text().optional(),
      deleted: boolean().optional(),
      price: text().optional(),
      quantity: integer(0).optional(),
    }),
  )
  .max(20);

export const updateParams = {
  automatic_tax: automaticTax.optional(),
  cancel_at: cancelAt.optional(),
  cancel_at_period_end: boolean().optional(),
  default_payment_method: emptyableText().optional(),
  items: itemChanges.optional(),
  metadata: metadata().optional(),
  payment_behavior: z
    .enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'])
    .optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
  proration_date: integer(0).optional(),
};
const updateSchema = z.strictObject(updateParams);
export type Update = z.output<typeof updateSchema>;

const isMetered = (item: WireSubscriptionItem) => item.price.recurring?.usage_type === 'metered';

/** The items as they are to be, with what went (before) and what came (after). */
function changeItems(call: Call, subscription: WireSubscription, asked: NonNullable<Update['items']>) {
  const items = [...subscription.items.data];
  const now = timeOf(call, String(subscription.customer));
  for (const [index, change] of asked.entries()) {
    const at = items.findIndex(({ id }) => id === change.id);
    const before = items[at];
    if (change.id !== undefined && before === undefined) {
      throw noSuchReference('subscription_item', change.id, `items[${index}][id]`);
    }
    if (change.deleted === true) {
      items.splice(at, 1);
      continue;
    }
    const price =
      change.price === undefined
        ? before?.price
        : recurringPrice(call, change.price, `items[${index}][price]`);
    if (price === undefined)
      throw invalidRequest('A new item needs a price.', { param: `items[${index}][price]` });
    const quantity =
      change.quantity ?? (price.recurring?.usage_type === 'metered' ? undefined : before?.quantity);
    const fresh = newItem(call, { price, quantity, subscription: subscription.id }, now);
    // The period goes on: only what is in it changes.
    const first = before ?? subscription.items.data[0];
    const period = {
      current_period_start: first?.current_period_start ?? now,
      current_period_end: first?.current_period_end ?? fresh.current_period_end,
    };
    const item = {
      ...fresh,
      ...period,
      id: before?.id ?? fresh.id,
      created: before?.created ?? fresh.created,
    };
    if (before === undefined) items.push(item);
    else items[at] = item;
  }
  if (items.length === 0)
    throw invalidRequest('A subscription must have at least one active plan.', { param: 'items' });
  checkItems(items);
  return items;
}

/** What an item that is paid in advance is worth for the rest of its period, in cents. */
function restOf(item: WireSubscriptionItem, now: number): number {
  const { current_period_start: start, current_period_end: end, quantity = 1, price } = item;
  const whole = amountOf(wholeQuantity(quantity), price.unit_amount_decimal ?? '0');
  return Math.round((whole * (end - now)) / (end - start));
}

/** Gives back what was paid for and is not used, and asks for what is used instead: for the rest of the period. */
export function prorate(
  call: Call,
  subscription: WireSubscription,
  { before, after }: { before: readonly WireSubscriptionItem[]; after: readonly WireSubscriptionItem[] },
  now = timeOf(call, String(subscription.customer)),
): void {
  const same = (one: WireSubscriptionItem, other: WireSubscriptionItem) =>
    one.id === other.id && one.price.id === other.price.id && one.quantity === other.quantity;
  const went = before.filter((item) => !isMetered(item) && !after.some((other) => same(item, other)));
  const came = after.filter((item) => !isMetered(item) && !before.some((other) => same(item, other)));
  const note = (item: WireSubscriptionItem, amount: number, words: string) =>
    newInvoiceItem(call, {
      amount,
      currency: subscription.currency,
      customer: String(subscription.customer),
      description: `${words} time on ${item.quantity ?? 1} × ${call.store.find('product', String(item.price.product))?.name ?? ''}`,
      period: { start: now, end: item.current_period_end },
      price: item.price,
      proration: true,
      quantity: item.quantity ?? 1,
      subscription: subscription.id,
    });
  for (const item of went) note(item, -restOf(item, now), 'Unused');
  for (const item of came) note(item, restOf(item, now), 'Remaining');
}

/** A metered item that goes is billed for what it counted: at once, as the meter goes on counting for nobody. */
function billRemoved(
  call: Call,
  subscription: WireSubscription,
  removed: readonly WireSubscriptionItem[],
): void {
  const now = timeOf(call, String(subscription.customer));
  const lines = removed
    .filter((item) => isMetered(item) && now > item.current_period_start)
    .map((item) => meteredLine(call, subscription, item, { start: item.current_period_start, end: now }))
    .filter(({ amount }) => amount > 0);
  if (lines.length === 0) return;
  const { customer, currency } = subscription;
  const draft = draftInvoice(call, {
    ...{ customer: String(customer), currency, lines, subscription, withPending: false },
    period: { start: now, end: now },
    reason: 'subscription_update',
  });
  collect(call, finalize(call, draft));
}

/** The moment from which a change counts. @throws StripeRefusal 400 for one outside of the current period */
function prorationDate(subscription: WireSubscription, given: Update, now: number): number {
  const at = given.proration_date ?? now;
  const [item] = subscription.items.data;
  if (item !== undefined && (at < item.current_period_start || at > item.current_period_end)) {
    throw invalidRequest('Cannot specify `proration_date` outside of the current billing period.', {
      param: 'proration_date',
    });
  }
  return at;
}

/** When it is to end, if that is said. */
function endingOf(given: Update, items: readonly WireSubscriptionItem[], now: number) {
  const ends = items.map((item) => item.current_period_end);
  const { cancel_at_period_end: atEnd, cancel_at: asked } = given;
  if (asked !== undefined) {
    const at =
      asked === 'min_period_end' ? Math.min(...ends) : asked === 'max_period_end' ? Math.max(...ends) : asked;
    return { cancel_at: at === '' ? null : at, canceled_at: at === '' ? null : now };
  }
  if (atEnd === undefined) return {};
  const end = atEnd ? Math.min(...ends) : null;
  return { cancel_at: end, cancel_at_period_end: atEnd, canceled_at: atEnd ? now : null };
}

/** What an update that waits for its invoice may change besides. */
const WAITS_WITH = ['items', 'payment_behavior', 'proration_behavior', 'proration_date'];
const TOO_MUCH =
  'When using payment_behavior=pending_if_incomplete, you can only pass parameters that are supported by pending updates.';

/** The invoice for the difference, at once. */
export function invoiceDifference(call: Call, subscription: WireSubscription): WireInvoice {
  const now = timeOf(call, String(subscription.customer));
  return draftInvoice(call, {
    ...{ customer: String(subscription.customer), currency: subscription.currency, lines: [], subscription },
    period: { start: now, end: now },
    reason: 'subscription_update',
  });
}

/** The change happens when its invoice is paid: at once, or within 23 hours, or never. */
function changeWhenPaid(
  call: Call,
  subscription: WireSubscription,
  after: readonly WireSubscriptionItem[],
  at: number,
): WireSubscription {
  prorate(call, subscription, { before: subscription.items.data, after }, at);
  const draft = invoiceDifference(call, subscription);
  const now = timeOf(call, String(subscription.customer));
  const waiting = call.change(subscription, {
    latest_invoice: draft.id,
    pending_update: {
      billing_cycle_anchor: null,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      expires_at: now + INCOMPLETE_SECONDS,
      metadata: null,
      subscription_items: [...after] as never,
      trial_end: null,
      trial_from_plan: null,
    },
  });
  const final = finalize(call, draft);
  if (final.status === 'open') collect(call, final);
  const known = call.object('subscription', waiting.id);
  // What failed is no reason to be late: nothing was changed.
  return known.pending_update === null ? known : call.change(known, { status: subscription.status });
}

/** https://docs.stripe.com/api/subscriptions/update */
export function changeSubscription(
  call: Call,
  subscription: WireSubscription,
  given: Update,
): WireSubscription {
  if (subscription.status === 'canceled') {
    throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.');
  }
  const before = subscription.items.data;
  const after = given.items === undefined ? before : changeItems(call, subscription, given.items);
  const now = timeOf(call, String(subscription.customer));
  const at = prorationDate(subscription, given, now);
  if (given.automatic_tax?.enabled) requireLocation(call, String(subscription.customer));
  if (given.payment_behavior === 'pending_if_incomplete') {
    if (Object.entries(given).some(([name, value]) => value !== undefined && !WAITS_WITH.includes(name)))
      throw invalidRequest(TOO_MUCH, { param: 'payment_behavior' });
    if (given.proration_behavior === 'always_invoice') return changeWhenPaid(call, subscription, after, at);
  }
  const changed = call.change(subscription, {
    ...endingOf(given, after, now),
    ...(given.automatic_tax === undefined
      ? {}
      : { automatic_tax: { ...subscription.automatic_tax, enabled: given.automatic_tax.enabled } }),
    default_payment_method: given.default_payment_method,
    items: { ...subscription.items, data: [...after] },
    metadata: mergeMetadata(subscription.metadata, given.metadata),
  });
  billRemoved(
    call,
    changed,
    before.filter((item) => !after.some((other) => other.id === item.id && other.price.id === item.price.id)),
  );
  if (given.proration_behavior !== 'none') prorate(call, changed, { before, after }, at);
  call.emit('customer.subscription.updated', changed, subscription);
  if (given.proration_behavior !== 'always_invoice' || given.items === undefined) return changed;
  const draft = invoiceDifference(call, changed);
  const known = call.change(call.object('subscription', changed.id), { latest_invoice: draft.id });
  const invoice = collect(call, finalize(call, draft));
  if (invoice.status !== 'paid' && given.payment_behavior === 'error_if_incomplete')
    throw new StripeRefusal(402, 'card_error', 'Your card was declined.', { code: 'card_declined' });
  return call.object('subscription', known.id);
}
