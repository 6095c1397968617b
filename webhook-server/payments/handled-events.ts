import type Stripe from 'stripe';

/** The events that can change a purchase, a card, a customer, a subscription or an invoice. Endpoints need no others; others are only noted. */
export const HANDLED_EVENTS = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.canceled',
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'charge.refunded',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.closed',
  'charge.dispute.funds_reinstated',
  'customer.deleted',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'customer.subscription.trial_will_end',
  'invoice.created',
  'invoice.finalized',
  'invoice.finalization_failed',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'credit_note.created',
  'credit_note.updated',
  'credit_note.voided',
] as const;

/** All that is kept of an event: what it is about is fetched when it is applied. */
export type EventHint = { id: string; type: string; objectId: string };

export function isHandled(type: string): boolean {
  return HANDLED_EVENTS.some((handled) => handled === type);
}

/** An event without the copy of its object, which may be hours old by now. */
export function hintOf(event: Stripe.Event): EventHint {
  const { object } = event.data;
  const objectId = 'id' in object && typeof object.id === 'string' ? object.id : '';
  return { id: event.id, type: event.type, objectId };
}
