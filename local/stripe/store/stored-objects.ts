import type Stripe from 'stripe';

/** The SDK turns decimals into an object of its own; on the wire they are text. */
export interface WirePrice extends Omit<Stripe.Price, 'unit_amount_decimal'> {
  unit_amount_decimal: string | null;
}

export interface WireEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

/** What is stored, by the value of its `object` field. A new resource adds its kind here. */
export interface StoredObjects {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: WirePrice;
  payment_method: Stripe.PaymentMethod;
  payment_intent: Stripe.PaymentIntent;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  event: WireEvent;
  webhook_endpoint: Stripe.WebhookEndpoint;
}

export type Kind = keyof StoredObjects;
export type StoredObject = StoredObjects[Kind];

/** What belongs to an object and no answer shows. */
export interface PrivateParts {
  payment_method: { readonly testCard: string; readonly used: boolean };
  webhook_endpoint: { readonly secret: string };
}
