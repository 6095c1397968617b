import type Stripe from 'stripe';
import { z } from 'zod';
import type { Payment } from './decide-moves.ts';
import { askStripe } from './stripe-client.ts';

/** The events that can change a purchase. Endpoints need no others, and others are ignored. */
export const HANDLED_EVENTS = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.refunded',
] as const;

export type PaymentEvent = Extract<Stripe.Event, { type: (typeof HANDLED_EVENTS)[number] }>;

/** True for an event that can change a purchase. */
export function isPaymentEvent(event: Stripe.Event): event is PaymentEvent {
  return HANDLED_EVENTS.some((type) => type === event.type);
}

type Fetched = { intent: Stripe.PaymentIntent; charge: Stripe.Charge | null };

const isObject = <T extends object>(value: T | string | null | undefined): value is T =>
  typeof value === 'object' && value !== null;

async function fetchByCharge(stripe: Stripe, chargeId: string): Promise<Fetched | null> {
  const charge = await askStripe(() => stripe.charges.retrieve(chargeId, { expand: ['payment_intent'] }));
  return charge !== null && isObject(charge.payment_intent)
    ? { intent: charge.payment_intent, charge }
    : null;
}

async function fetchByIntent(stripe: Stripe, intentId: string): Promise<Fetched | null> {
  const intent = await askStripe(() =>
    stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] }),
  );
  if (intent === null) return null;
  return { intent, charge: isObject(intent.latest_charge) ? intent.latest_charge : null };
}

/**
 * What Stripe says now about the payment behind an event; the event's own copy may be hours old.
 * @returns null for what was not begun by us: another product may share the Stripe account
 * @throws Fault `payment_provider_unavailable`
 */
export async function fetchPayment(
  stripe: Stripe,
  event: PaymentEvent,
): Promise<{ purchaseId: string; payment: Payment } | null> {
  const { object } = event.data;
  const fetched = await (object.object === 'charge'
    ? fetchByCharge(stripe, object.id)
    : fetchByIntent(stripe, object.id));
  const purchaseId = z.uuid().safeParse(fetched?.intent.metadata.purchase_id);
  if (fetched === null || !purchaseId.success) return null;
  const { intent, charge } = fetched;
  return {
    purchaseId: purchaseId.data,
    payment: {
      intentId: intent.id,
      status: intent.status,
      receivedCents: intent.amount_received,
      currency: intent.currency,
      failureCode: intent.last_payment_error?.code ?? intent.last_payment_error?.type ?? null,
      refundedCents: charge?.amount_refunded ?? 0,
    },
  };
}
