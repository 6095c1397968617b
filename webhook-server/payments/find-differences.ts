import type Stripe from 'stripe';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { purchaseIdOf } from './fetch-payment-of-intent.ts';
import type { StripeList } from './list-at-stripe.ts';
import { readOrdersByIntent, readStatuses, type StoredOrder } from './read-orders.ts';

/** States in which an order has nothing more to learn from an intent that was paid. */
const PAID = ['succeeded', 'review', 'refused'];
const ENDED = [...PAID, 'canceled'];

function intentDiffers(intent: Stripe.PaymentIntent, order: StoredOrder | undefined): boolean {
  // An order of another intent, or of none yet: the intent says itself which order it is for.
  if (order === undefined) return intent.status === 'succeeded' || intent.status === 'processing';
  switch (intent.status) {
    case 'succeeded':
      return !PAID.includes(order.status);
    case 'processing':
      return !['processing', 'failed', ...ENDED].includes(order.status);
    case 'canceled':
      return !ENDED.includes(order.status);
    case 'requires_payment_method':
      return intent.last_payment_error !== null && !['failed', ...ENDED].includes(order.status);
    default:
      return false;
  }
}

/**
 * Which intents stand elsewhere at Stripe than in the books. Only these are fetched, so that comparing costs next
 * to nothing while all is well.
 * @throws Fault `database_unavailable`
 */
export async function findDifferences(database: DatabaseClient, list: StripeList): Promise<Set<string>> {
  const ours = [...list.intents.values()].filter(({ metadata }) => purchaseIdOf(metadata) !== null);
  const named = [...list.refunds, ...list.disputes].map(({ intentId }) => intentId);
  const ids = [...new Set([...ours.map(({ id }) => id), ...list.charged.keys(), ...named])];
  const orders = await readOrdersByIntent(database, ids);
  const refunds = await readStatuses(
    database,
    'payment_refunds',
    list.refunds.map(({ fact }) => fact.id),
  );
  const disputes = await readStatuses(
    database,
    'payment_disputes',
    list.disputes.map(({ fact }) => fact.id),
  );

  const differing = new Set<string>();
  for (const intent of ours) if (intentDiffers(intent, orders.get(intent.id))) differing.add(intent.id);
  for (const [intentId, { refundedCents }] of list.charged) {
    const order = orders.get(intentId);
    // Intents of the list were looked at above; the charge of an older one may be news.
    if (order === undefined ? !list.intents.has(intentId) : !PAID.includes(order.status))
      differing.add(intentId);
    else if (order !== undefined && order.refundedCents !== refundedCents) differing.add(intentId);
  }
  for (const { intentId, fact } of list.refunds) {
    if (orders.has(intentId) && refunds.get(fact.id) !== fact.status) differing.add(intentId);
  }
  for (const { intentId, fact } of list.disputes) {
    if (orders.has(intentId) && disputes.get(fact.id) !== fact.status) differing.add(intentId);
  }
  return differing;
}
