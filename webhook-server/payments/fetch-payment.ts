import type Stripe from 'stripe';
import {
  type FetchedPayment,
  fetchPaymentOfIntent,
  isNamedByUs,
  purchaseIdOf,
} from './fetch-payment-of-intent.ts';
import { askStripe } from './stripe-client.ts';

const idOf = (value: string | { id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

/** A hosted page makes its intent late, or never: until then it stands for the payment. */
async function fetchBySession(stripe: Stripe, sessionId: string): Promise<FetchedPayment | null> {
  const session = await askStripe(() => stripe.checkout.sessions.retrieve(sessionId));
  if (session === null) return null;
  const intentId = idOf(session.payment_intent);
  const fetched = intentId === null ? null : await fetchPaymentOfIntent(stripe, intentId, false);
  const purchaseId =
    fetched?.purchaseId ?? purchaseIdOf(session.metadata, { purchase_id: session.client_reference_id ?? '' });
  if (purchaseId === null) return null;
  const ended = session.status === 'expired' ? ('canceled' as const) : ('under_way' as const);
  if (fetched !== null) {
    const { payment } = fetched;
    const isOver = payment.status === 'succeeded' || payment.status === 'processing';
    return { ...fetched, payment: isOver || ended === 'under_way' ? payment : { ...payment, status: ended } };
  }
  return {
    purchaseId,
    isOurs: isNamedByUs(session.metadata),
    payment: {
      intentId: null,
      // A page that took no money is looked at by a person: nothing here is sold for nothing.
      status: session.payment_status === 'no_payment_required' ? 'succeeded' : ended,
      receivedCents: 0,
      taxCents: 0,
      currency: session.currency ?? '',
      fee: null,
      failureCode: session.status === 'expired' ? 'expired' : null,
      refunds: [],
      disputes: [],
    },
  };
}

/** The intent behind a charge, a refund or a dispute. */
async function findIntent(stripe: Stripe, type: string, objectId: string): Promise<string | null> {
  const object = await askStripe<{ payment_intent: string | { id: string } | null }>(() => {
    if (type.startsWith('charge.dispute.')) return stripe.disputes.retrieve(objectId);
    if (type.startsWith('refund.')) return stripe.refunds.retrieve(objectId);
    return stripe.charges.retrieve(objectId);
  });
  return idOf(object?.payment_intent);
}

/**
 * The payment that an event is about, as it is now.
 * @param type of the event
 * @param objectId of the event's object
 * @returns null for what was not begun by us
 * @throws Fault `payment_provider_unavailable`
 */
export async function fetchPayment(
  stripe: Stripe,
  type: string,
  objectId: string,
): Promise<FetchedPayment | null> {
  if (type.startsWith('checkout.session.')) return fetchBySession(stripe, objectId);
  if (type.startsWith('payment_intent.')) return fetchPaymentOfIntent(stripe, objectId, false);
  const intentId = await findIntent(stripe, type, objectId);
  return intentId === null ? null : fetchPaymentOfIntent(stripe, intentId, true);
}
