import type Stripe from 'stripe';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { purchaseIdOf } from './fetch-payment-of-intent.ts';
import type { StripeList } from './list-at-stripe.ts';
import {
  readPurchasesByIntent,
  readSecondPayments,
  readStatuses,
  type StoredPurchase,
} from './read-purchases.ts';

/** States in which a purchase has nothing more to learn from an intent that was paid. */
const PAID = ['succeeded', 'review', 'refused'];
const ENDED = [...PAID, 'canceled'];

function intentDiffers(intent: Stripe.PaymentIntent, purchase: StoredPurchase | undefined): boolean {
  // A purchase of another intent, or of none yet: the intent says itself which purchase it is for.
  if (purchase === undefined) return intent.status === 'succeeded' || intent.status === 'processing';
  switch (intent.status) {
    case 'succeeded':
      return !PAID.includes(purchase.status);
    case 'processing':
      return !['processing', 'failed', ...ENDED].includes(purchase.status);
    case 'canceled':
      return !ENDED.includes(purchase.status);
    case 'requires_payment_method':
      return intent.last_payment_error !== null && !['failed', ...ENDED].includes(purchase.status);
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
  const purchases = await readPurchasesByIntent(database, ids);
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

  const seconds = await readSecondPayments(
    database,
    ids.filter((id) => !purchases.has(id)),
  );
  const isKnownSecond = (intentId: string) =>
    seconds.has(intentId) && seconds.get(intentId) === list.charged.get(intentId)?.refundedCents;

  const differing = new Set<string>();
  for (const intent of ours) if (intentDiffers(intent, purchases.get(intent.id))) differing.add(intent.id);
  for (const [intentId, { refundedCents }] of list.charged) {
    const purchase = purchases.get(intentId);
    // Intents of the list were looked at above; the charge of an older one may be news.
    if (purchase === undefined ? !list.intents.has(intentId) : !PAID.includes(purchase.status))
      differing.add(intentId);
    else if (purchase !== undefined && purchase.refundedCents !== refundedCents) differing.add(intentId);
  }
  for (const { intentId, fact } of list.refunds) {
    if (purchases.has(intentId) && refunds.get(fact.id) !== fact.status) differing.add(intentId);
  }
  for (const { intentId, fact } of list.disputes) {
    if (purchases.has(intentId) && disputes.get(fact.id) !== fact.status) differing.add(intentId);
  }
  // Money of a second intent goes back; what is known of it is no news.
  for (const intentId of differing) if (isKnownSecond(intentId)) differing.delete(intentId);
  return differing;
}
