import { z } from 'zod';
import { boolean, text } from '../api/form.ts';
import { ok, type Route, route } from '../api/route.ts';
import { paymentMethodData } from '../payment-methods/read-card.ts';
import { confirmPaymentIntent } from '../payments/confirm-payment-intent.ts';
import { futureUsage } from '../payments/payment-intent-params.ts';
import { checkClientSecret, paymentIntentAt } from './payment-intents.ts';

/** What the holder of a publishable key may see: nothing about the customer, the charge or the metadata. */
const VISIBLE_FIELDS = [
  'id',
  'object',
  'amount',
  'amount_details',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
];

function visiblePart(intent: object): object {
  return Object.fromEntries(Object.entries(intent).filter(([field]) => VISIBLE_FIELDS.includes(field)));
}

function view(body: object): object {
  const error: unknown = Reflect.get(body, 'error');
  if (typeof error !== 'object' || error === null) return visiblePart(body);
  const intent: unknown = Reflect.get(error, 'payment_intent');
  if (typeof intent !== 'object' || intent === null) return body;
  return { error: { ...error, payment_intent: visiblePart(intent) } };
}

const retrieve = route({
  method: 'GET',
  path: '/v1/payment_intents/:id',
  keyKind: 'publishable',
  params: { client_secret: text() },
  view,
  handle(call, { client_secret: clientSecret }) {
    const intent = paymentIntentAt(call);
    checkClientSecret(intent, clientSecret);
    return ok(intent);
  },
});

const confirm = route({
  method: 'POST',
  path: '/v1/payment_intents/:id/confirm',
  keyKind: 'publishable',
  params: {
    client_secret: text(),
    payment_method: text().optional(),
    payment_method_data: paymentMethodData.optional(),
    return_url: z.url().optional(),
    setup_future_usage: futureUsage.optional(),
    use_stripe_sdk: boolean().optional(),
  },
  view,
  handle(call, { client_secret: clientSecret, ...confirmation }) {
    const intent = paymentIntentAt(call);
    checkClientSecret(intent, clientSecret);
    return confirmPaymentIntent(call, intent, confirmation);
  },
});

export const browserPaymentIntentRoutes: readonly Route[] = [retrieve, confirm];
