import { z } from 'zod';
import { boolean, emptyableText, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { invalidRequest, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import type { WireSubscription, WireSubscriptionItem } from '../store/kinds.ts';
import { checkItems, newItem, recurringPrice } from './create-subscription.ts';
import { newInvoiceItem } from './invoice-items.ts';
import { collect, draftInvoice, finalize } from './invoices.ts';
import { amountOf, meteredLine, wholeQuantity } from './lines.ts';

export const updateParams = {
  cancel_at: integer(0).optional(),
  cancel_at_period_end: boolean().optional(),
  default_payment_method: emptyableText().optional(),
  items: z
    .array(
      z.strictObject({
        id: text().optional(),
        deleted: boolean().optional(),
        price: text().optional(),
        quantity: integer(0).optional(),
      }),
    )
    .max(20)
    .optional(),
  metadata: metadata().optional(),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
};
const updateSchema = z.strictObject(updateParams);
type Update = z.output<typeof updateSchema>;

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
function prorate(
  call: Call,
  subscription: WireSubscription,
  { before, after }: { before: readonly WireSubscriptionItem[]; after: readonly WireSubscriptionItem[] },
): void {
  const now = timeOf(call, String(subscription.customer));
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
  const { cancel_at_period_end: atEnd, cancel_at: at } = given;
  const now = timeOf(call, String(subscription.customer));
  const end = Math.min(...after.map((item) => item.current_period_end));
  const changed = call.change(subscription, {
    ...(atEnd === undefined
      ? {}
      : { cancel_at: atEnd ? end : null, cancel_at_period_end: atEnd, canceled_at: atEnd ? now : null }),
    ...(at === undefined ? {} : { cancel_at: at, canceled_at: now }),
    default_payment_method: given.default_payment_method,
    items: { ...subscription.items, data: [...after] },
    metadata: mergeMetadata(subscription.metadata, given.metadata),
  });
  billRemoved(
    call,
    changed,
    before.filter((item) => !after.some((other) => other.id === item.id && other.price.id === item.price.id)),
  );
  if (given.proration_behavior !== 'none') prorate(call, changed, { before, after });
  call.emit('customer.subscription.updated', changed, subscription);
  if (given.proration_behavior !== 'always_invoice') return changed;
  const { customer, currency } = changed;
  const draft = draftInvoice(call, {
    ...{ customer: String(customer), currency, lines: [], subscription: changed },
    period: { start: now, end: now },
    reason: 'subscription_update',
  });
  const invoice = collect(call, finalize(call, draft));
  return call.change(call.object('subscription', changed.id), { latest_invoice: invoice.id });
}
