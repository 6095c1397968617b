import type Stripe from 'stripe';

/** The events that can change a purchase, a card, a customer or a subscription. Endpoints need no others; others are only noted. */
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
  'invoice.paid',
  'invoice.payment_failed',
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
